"""Pictures of answers: a DataFrame in, a Plotly figure out. Nothing here knows Streamlit."""
