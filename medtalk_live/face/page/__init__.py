"""The preview page and the small process that serves it (``python -m medtalk_live.face.page``)."""
