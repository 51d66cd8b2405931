//! The last lines of a picture: what it was drawn from.

use guide::Message;

use crate::{
    canvas::{Canvas, LINE, MARGIN, WIDTH},
    recording::Recording,
};

/// Says of which run it is; gives the picture's height.
pub(crate) fn recorded(canvas: &mut Canvas, y: f64, recording: &Recording) -> f64 {
    let says = Message::new("picture-recorded")
        .with("date", &recording.date)
        .with("kubernetes", &recording.kubernetes);
    last(canvas, y, &says)
}

/// Says that it is a diagram; gives the picture's height.
pub(crate) fn diagram(canvas: &mut Canvas, y: f64) -> f64 {
    last(canvas, y, &Message::new("picture-diagram"))
}

fn last(canvas: &mut Canvas, y: f64, says: &Message) -> f64 {
    canvas.paragraph(MARGIN, y, WIDTH - 2.0 * MARGIN, "small soft", says) - LINE + 16.0
}
