"""The pages with numbers."""

from __future__ import annotations

from flask import Flask


def install(app: Flask) -> None:
    """Put the pages and the words they use into the application."""
    from voc.web.insights import emerging, morning, words

    app.jinja_env.globals.update(
        check_word=words.check_word,
        metric_name=words.metric_name,
        metric_about=words.metric_about,
        figure=words.figure,
        bare_figure=words.bare_figure,
        margin=words.margin,
        change_words=words.change_words,
        topic_trend=words.topic_trend,
        emerging_page=emerging.page_of,
        usual_words=emerging.usual_words,
        said_words=emerging.said_words,
        search_address=emerging.search_address,
        topic_address=emerging.topic_address,
    )
    app.jinja_env.filters.update(number=words.number, short_day=words.short_day)
    app.register_blueprint(morning.blueprint)
