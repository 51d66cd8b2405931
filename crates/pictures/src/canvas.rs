//! Paper, colours and letters: what all pictures share.
//!
//! Meaning is in words and shapes first and in colours only after: these are Okabe's and Ito's, which people with any kind of
//! colour vision can tell apart. The paper is part of the picture, so that nothing is ever dark on dark, whatever the page is.

use guide::{Language, Message};
use svg::{
    Node,
    node::{
        Text as Letters,
        element::{Description, Element, Style, Title},
    },
};

use crate::letters::{fold, width};

/// How wide a picture is: on a telephone its letters are three quarters of their size here.
pub const WIDTH: f64 = 480.0;
/// What is left free at each side.
pub(crate) const MARGIN: f64 = 16.0;
/// The distance between two lines of text.
pub(crate) const LINE: f64 = 21.0;

const STYLE: &str = "
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', \
'Noto Sans CJK KR', NanumGothic, sans-serif; font-size: 16px; fill: #1f2328 }
.head { font-size: 18px; font-weight: 700 }
.strong { font-weight: 700 }
.small { font-size: 15px }
.soft { fill: #57606a }
.code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; font-size: 15px }
.on { fill: #111; font-weight: 600; font-size: 15px }
.paper { fill: #fff; stroke: #d0d7de }
.band { fill: #eff2f5 }
.box { fill: #fff; stroke: #6e7781; stroke-width: 1.5 }
.rule { stroke: #afb8c1; stroke-width: 1 }
.grid { stroke: #d8dee4; stroke-width: 1 }
.ink { stroke: #1f2328; stroke-width: 2; fill: none }
.solid { fill: #1f2328 }
.good { fill: #009e73 }
.bad { fill: #d55e00 }
.wait { fill: #e69f00 }
.calm { fill: #56b4e9 }
.white { stroke: #fff; stroke-width: 2.5; fill: none; stroke-linecap: round; stroke-linejoin: round }
.badline { stroke: #d55e00; stroke-width: 2.5; fill: none }
.goodline { stroke: #009e73; stroke-width: 2.5; fill: none }
.dashed { stroke-dasharray: 5 4 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.soft { fill: #9da7b3 }
.on { fill: #111 }
.paper { fill: #0d1117; stroke: #3d444d }
.band { fill: #1c232b }
.box { fill: #0d1117; stroke: #8b949e }
.rule { stroke: #57606a }
.grid { stroke: #2a313a }
.ink { stroke: #e6edf3 }
.solid { fill: #e6edf3 }
}
";

/// Where a text begins, ends or has its middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text that was set: its class, and the box around it.
#[derive(Clone, Debug)]
pub struct Label {
    /// The text.
    pub text: String,
    /// Its left, top, right and bottom edge, as far as they can be estimated without a font.
    pub edges: [f64; 4],
}

/// A picture while it is drawn, from the top to the bottom.
pub(crate) struct Canvas {
    language: Language,
    body: Vec<Element>,
    labels: Vec<Label>,
}

/// A picture that is complete.
pub(crate) struct Drawn {
    /// The file's text.
    pub(crate) svg: String,
    /// How high it is.
    pub(crate) height: f64,
    /// All its texts.
    pub(crate) labels: Vec<Label>,
}

impl Canvas {
    pub(crate) fn new(language: Language) -> Self {
        Self {
            language,
            body: vec![],
            labels: vec![],
        }
    }

    /// A sentence in the picture's language.
    pub(crate) fn tell(&self, message: &Message) -> String {
        self.language.tell(message)
    }

    /// Sets a text on the line whose foot is at `y`.
    pub(crate) fn text(&mut self, x: f64, y: f64, anchor: Anchor, class: &str, text: &str) {
        let long = width(text, class);
        let (left, name) = match anchor {
            Anchor::Start => (x, "start"),
            Anchor::Middle => (x - long / 2.0, "middle"),
            Anchor::End => (x - long, "end"),
        };
        self.labels.push(Label {
            text: text.to_owned(),
            edges: [left, y - 13.0, left + long, y + 4.0],
        });
        let mut element = element("text", &[("x", x), ("y", y)]);
        if anchor != Anchor::Start {
            element.assign("text-anchor", name);
        }
        if !class.is_empty() {
            element.assign("class", class);
        }
        element.append(Letters::new(text));
        self.body.push(element);
    }

    /// Says something on one line.
    pub(crate) fn say(&mut self, x: f64, y: f64, anchor: Anchor, class: &str, message: &Message) {
        let text = self.tell(message);
        self.text(x, y, anchor, class, &text);
    }

    /// Says something on as many lines as it needs, the first at `y`; gives where the next line would be.
    pub(crate) fn paragraph(&mut self, x: f64, y: f64, wide: f64, class: &str, message: &Message) -> f64 {
        let text = self.tell(message);
        let mut y = y;
        for line in fold(&text, wide, class) {
            self.text(x, y, Anchor::Start, class, &line);
            y += LINE;
        }
        y
    }

    pub(crate) fn rect(&mut self, class: &str, [x, y, wide, high]: [f64; 4], round: f64) {
        let mut rect = element("rect", &[("x", x), ("y", y), ("width", wide), ("height", high)]);
        if round > 0.0 {
            rect.assign("rx", number(round));
        }
        rect.assign("class", class);
        self.body.push(rect);
    }

    /// What is known only as an interval: hatched.
    pub(crate) fn hatched(&mut self, edges: [f64; 4]) {
        self.rect("", edges, 0.0);
        if let Some(rect) = self.body.last_mut() {
            rect.assign("class", "hatched");
            rect.assign("fill", "url(#hatch)");
        }
    }

    pub(crate) fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let mut line = element("line", &[("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2)]);
        line.assign("class", class);
        self.body.push(line);
    }

    pub(crate) fn polyline(&mut self, class: &str, points: &[[f64; 2]]) {
        let points: Vec<_> = points
            .iter()
            .map(|[x, y]| format!("{},{}", number(*x), number(*y)))
            .collect();
        let mut line = Element::new("polyline");
        line.assign("points", points.join(" "));
        line.assign("class", class);
        self.body.push(line);
    }

    /// A line with a head at its end.
    pub(crate) fn arrow(&mut self, class: &str, from: [f64; 2], to: [f64; 2]) {
        self.line(class, from, to);
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let long = dx.hypot(dy).max(1.0);
        let (ux, uy) = (dx / long * 9.0, dy / long * 9.0);
        let left = [to[0] - ux + uy * 0.6, to[1] - uy - ux * 0.6];
        let right = [to[0] - ux - uy * 0.6, to[1] - uy + ux * 0.6];
        self.polyline(&class.replace("dashed", ""), &[left, to, right]);
    }

    /// Success: a round mark with a tick.
    pub(crate) fn success(&mut self, x: f64, y: f64) {
        let mut circle = element("circle", &[("cx", x), ("cy", y), ("r", 9.0)]);
        circle.assign("class", "good");
        self.body.push(circle);
        self.polyline(
            "white",
            &[[x - 4.0, y + 0.5], [x - 1.2, y + 3.5], [x + 4.2, y - 3.5]],
        );
    }

    /// Failure: a square mark with a cross.
    pub(crate) fn failure(&mut self, x: f64, y: f64) {
        self.rect("bad", [x - 8.5, y - 8.5, 17.0, 17.0], 2.0);
        self.polyline("white", &[[x - 3.8, y - 3.8], [x + 3.8, y + 3.8]]);
        self.polyline("white", &[[x - 3.8, y + 3.8], [x + 3.8, y - 3.8]]);
    }

    /// Either.
    pub(crate) fn mark(&mut self, success: bool, x: f64, y: f64) {
        if success {
            self.success(x, y);
        } else {
            self.failure(x, y);
        }
    }

    /// A number in a ring, which a legend explains.
    pub(crate) fn ring(&mut self, x: f64, y: f64, text: &str) {
        let mut circle = element("circle", &[("cx", x), ("cy", y), ("r", 10.0)]);
        circle.assign("class", "box");
        self.body.push(circle);
        self.text(x, y + 5.0, Anchor::Middle, "small strong", text);
    }

    /// What the numbers in rings stand for, an entry a line or more; gives where the next line would be.
    pub(crate) fn legend(&mut self, y: f64, entries: &[Message]) -> f64 {
        let mut y = y;
        for (index, entry) in entries.iter().enumerate() {
            self.ring(MARGIN + 11.0, y - 5.0, &(index + 1).to_string());
            y = self.paragraph(MARGIN + 30.0, y, WIDTH - 2.0 * MARGIN - 30.0, "small", entry) + 4.0;
        }
        y
    }

    /// The picture, so high and with these words for those who do not see it.
    pub(crate) fn finish(self, height: f64, title: &Message, description: &Message) -> Drawn {
        let mut root = Element::new("svg");
        root.assign("xmlns", "http://www.w3.org/2000/svg");
        root.assign("viewBox", format!("0 0 {} {}", number(WIDTH), number(height)));
        root.assign("width", number(WIDTH));
        root.assign("height", number(height));
        root.assign("role", "img");
        root.assign("lang", self.language.code());
        root.append(Title::new(self.language.tell(title)));
        root.append(Description::new().add(Letters::new(self.language.tell(description))));
        root.append(Style::new(STYLE));
        root.append(hatch());
        let mut paper = element(
            "rect",
            &[
                ("x", 0.5),
                ("y", 0.5),
                ("width", WIDTH - 1.0),
                ("height", height - 1.0),
                ("rx", 8.0),
            ],
        );
        paper.assign("class", "paper");
        root.append(paper);
        for element in self.body {
            root.append(element);
        }
        Drawn {
            svg: format!("{root}\n"),
            height,
            labels: self.labels,
        }
    }
}

/// The pattern for what is known as an interval only.
fn hatch() -> Element {
    let mut pattern = element("pattern", &[("width", 6.0), ("height", 6.0)]);
    pattern.assign("id", "hatch");
    pattern.assign("patternUnits", "userSpaceOnUse");
    pattern.assign("patternTransform", "rotate(45)");
    let mut stripe = element("line", &[("x1", 1.5), ("y1", 0.0), ("x2", 1.5), ("y2", 6.0)]);
    stripe.assign("class", "ink");
    pattern.append(stripe);
    let mut defs = Element::new("defs");
    defs.append(pattern);
    defs
}

fn element(name: &str, numbers: &[(&str, f64)]) -> Element {
    let mut element = Element::new(name);
    for (key, value) in numbers {
        element.assign(*key, number(*value));
    }
    element
}

/// A tenth of a pixel is nothing that anybody sees.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".into() } else { text.into() }
}
