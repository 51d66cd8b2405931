//! A time axis, and bands along it.

use guide::Message;

use crate::{
    canvas::{Anchor, Canvas, MARGIN, WIDTH},
    letters::width,
};

/// How high a band is.
pub(crate) const BAND: f64 = 30.0;
/// From the beginning of a band to the name of the next one.
pub(crate) const NEXT: f64 = BAND + 27.0;

/// Seconds, or another unit, along the whole width.
pub(crate) struct Axis {
    from: f64,
    to: f64,
}

impl Axis {
    /// From one time to a later one.
    pub(crate) fn new(from: f64, to: f64) -> Self {
        Self {
            from,
            to: to.max(from + 0.001),
        }
    }

    /// Where a time stands; what lies outside of it stands at its end.
    pub(crate) fn x(&self, time: f64) -> f64 {
        let share = (time.clamp(self.from, self.to) - self.from) / (self.to - self.from);
        MARGIN + share * (WIDTH - 2.0 * MARGIN)
    }

    /// Whether a time stands on it.
    pub(crate) fn has(&self, time: f64) -> bool {
        (self.from..=self.to).contains(&time)
    }

    /// Its numbers, each `step`, below `y`; then what they count. Gives where the next line of text would be.
    pub(crate) fn draw(&self, canvas: &mut Canvas, y: f64, step: f64, unit: &Message) -> f64 {
        canvas.line("rule", [MARGIN, y], [WIDTH - MARGIN, y]);
        let mut mark = (self.from / step).ceil() * step;
        while mark <= self.to + 1e-9 {
            let x = self.x(mark);
            canvas.line("rule", [x, y], [x, y + 5.0]);
            // The first and the last would stand out of the picture.
            let anchor = if x < MARGIN + 8.0 {
                Anchor::Start
            } else if x > WIDTH - MARGIN - 8.0 {
                Anchor::End
            } else {
                Anchor::Middle
            };
            // Without the sign of a zero that has one.
            let text = if step < 1.0 {
                format!("{:.1}", mark + 0.0)
            } else {
                format!("{:.0}", mark.round() + 0.0)
            };
            canvas.text(x, y + 21.0, anchor, "small soft", &text);
            mark += step;
        }
        canvas.say(WIDTH / 2.0, y + 42.0, Anchor::Middle, "small soft", unit);
        y + 70.0
    }

    /// The name of a band, and a word about it.
    pub(crate) fn title(canvas: &mut Canvas, y: f64, name: &Message, word: Option<&Message>) {
        let text = canvas.tell(name);
        canvas.text(MARGIN, y, Anchor::Start, "strong", &text);
        if let Some(word) = word {
            let x = MARGIN + width(&text, "strong") + 8.0;
            canvas.say(x, y, Anchor::Start, "small soft", word);
        }
    }

    /// An empty band; gives where it begins.
    pub(crate) fn band(canvas: &mut Canvas, y: f64) -> f64 {
        canvas.rect("band", [MARGIN, y, WIDTH - 2.0 * MARGIN, BAND], 4.0);
        y
    }

    /// A band with its name above it; gives where it begins.
    pub(crate) fn lane(canvas: &mut Canvas, y: f64, name: &Message, word: Option<&Message>) -> f64 {
        Self::title(canvas, y, name, word);
        Self::band(canvas, y + 9.0)
    }

    /// A dashed line through the band at `y`, at a time.
    pub(crate) fn moment(&self, canvas: &mut Canvas, y: f64, time: f64) {
        let x = self.x(time);
        canvas.line("ink dashed", [x, y - 3.0], [x, y + BAND + 3.0]);
    }

    /// A part of the band at `y`, with words in it where they have room.
    pub(crate) fn part(&self, canvas: &mut Canvas, y: f64, class: &str, from: f64, to: f64, words: &Message) {
        let (left, right) = (self.x(from), self.x(to));
        canvas.rect(class, [left, y, (right - left).max(1.0), BAND], 3.0);
        let text = canvas.tell(words);
        if width(&text, "on") + 6.0 <= right - left {
            canvas.text(
                (left + right) / 2.0,
                y + BAND / 2.0 + 5.0,
                Anchor::Middle,
                "on",
                &text,
            );
        }
    }

    /// Something that happened between two times, and nobody knows when: a hatched part.
    pub(crate) fn between(&self, canvas: &mut Canvas, y: f64, from: f64, to: f64) {
        let (left, right) = (self.x(from), self.x(to));
        if right - left > 1.5 {
            canvas.hatched([left, y, right - left, BAND]);
        }
    }
}
