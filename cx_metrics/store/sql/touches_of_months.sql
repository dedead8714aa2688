-- touches, those of the months to rebuild.
SELECT * FROM touches_around
SEMI JOIN rebuild USING (month)
