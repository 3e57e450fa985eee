"""The forms of a page, as a browser would send them."""

from html.parser import HTMLParser


class Forms(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.forms, self.names, self.name, self.text, self.selected = [], set(), None, None, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        self.names.add(said.get("name"))
        if tag == "form":
            self.forms.append((said.get("action", ""), []))
        if not self.forms:
            return
        fields, kind = self.forms[-1][1], said.get("type", "text")
        if tag == "input" and said.get("name") and kind not in {"submit", "file"}:
            if kind not in {"checkbox", "radio"} or "checked" in said:
                fields.append((said["name"], said.get("value") or ("on" if kind == "checkbox" else "")))
        elif tag == "textarea":
            self.name, self.text = said["name"], ""
        elif tag == "select":
            self.selected = said["name"]
        elif tag == "option" and "selected" in said and self.selected:
            fields.append((self.selected, said.get("value", "")))

    def handle_data(self, data):
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.forms[-1][1].append((self.name, self.text.removeprefix("\n")))
            self.text = None
        elif tag == "select":
            self.selected = None


def names_on(response):
    """The names of all fields that the page asks, filled in or not."""
    return Forms(response.content.decode()).names


def form_with(response, value):
    """Address and data of the first form of the page in which somebody has typed or left this."""
    for action, fields in Forms(response.content.decode()).forms:
        if any(value in text for name, text in fields if name != "csrfmiddlewaretoken"):
            data = {}
            for name, text in fields:
                data.setdefault(name, []).append(text)
            return action or response.wsgi_request.path, data
    raise AssertionError(f"No form of the page holds {value!r}.")
