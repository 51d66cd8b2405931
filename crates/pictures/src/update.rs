//! A bad update: what stands while it goes on, three ways it ends, and one that is refused.

use guide::{Language, Message};

use crate::{
    canvas::{Anchor, Canvas, Drawn, LINE, MARGIN, WIDTH},
    caption,
};

/// Draws it.
pub(crate) fn draw(language: Language) -> Drawn {
    let mut canvas = Canvas::new(language);
    let title = Message::new("picture-update");
    let mut y = canvas.paragraph(MARGIN, 32.0, WIDTH - 2.0 * MARGIN, "head", &title) + 12.0;
    for (when, new) in [
        (Message::new("picture-update-before"), None),
        (
            Message::new("picture-update-during"),
            Some(Message::new("picture-pod-not-ready")),
        ),
        (
            Message::new("picture-update-later"),
            Some(Message::new("picture-pod-restarted")),
        ),
    ] {
        canvas.say(MARGIN, y, Anchor::Start, "strong", &when);
        row(&mut canvas, y + 10.0, new.as_ref());
        y += 92.0;
    }
    canvas.say(MARGIN, y, Anchor::Start, "head", &Message::new("picture-ends"));
    y += 26.0;
    for (success, says) in [
        (false, Message::new("picture-end-nothing")),
        (true, Message::new("picture-end-undo")),
        (true, Message::new("picture-end-helm")),
    ] {
        canvas.mark(success, MARGIN + 10.0, y - 5.0);
        y = canvas.paragraph(MARGIN + 28.0, y, WIDTH - 2.0 * MARGIN - 28.0, "", &says) + 5.0;
    }
    y += 14.0;
    y = canvas.paragraph(
        MARGIN,
        y,
        WIDTH - 2.0 * MARGIN,
        "head",
        &Message::new("picture-refused"),
    ) - 6.0;
    y = order(&mut canvas, y);
    y = canvas.paragraph(
        MARGIN,
        y,
        WIDTH - 2.0 * MARGIN,
        "",
        &Message::new("picture-refused-says"),
    );
    let height = caption::diagram(&mut canvas, y + 8.0);
    canvas.finish(height, &title, &Message::new("picture-update-description"))
}

/// The old and the new pod, and which of them the callers reach.
fn row(canvas: &mut Canvas, y: f64, new: Option<&Message>) {
    let pod = |canvas: &mut Canvas, left: f64, name: &Message, state: &Message, works: bool| {
        canvas.rect("box", [left, y, 174.0, 56.0], 6.0);
        canvas.mark(works, left + 18.0, y + 28.0);
        canvas.say(left + 36.0, y + 23.0, Anchor::Start, "small strong", name);
        canvas.say(left + 36.0, y + 43.0, Anchor::Start, "small", state);
    };
    canvas.say(
        MARGIN,
        y + 33.0,
        Anchor::Start,
        "small",
        &Message::new("picture-callers"),
    );
    canvas.arrow("goodline", [MARGIN + 60.0, y + 28.0], [98.0, y + 28.0]);
    pod(
        canvas,
        101.0,
        &Message::new("picture-old-pod"),
        &Message::new("picture-pod-ready"),
        true,
    );
    if let Some(state) = new {
        pod(canvas, 290.0, &Message::new("picture-new-pod"), state, false);
    }
}

/// The order of Helm's upgrade, which ends at the hook.
fn order(canvas: &mut Canvas, y: f64) -> f64 {
    let names = [
        Message::new("picture-order-render"),
        Message::new("picture-order-hook"),
        Message::new("picture-order-apply"),
        Message::new("picture-order-wait"),
    ];
    let wide = 94.0;
    for (index, name) in (0_u8..).zip(&names) {
        let left = MARGIN + f64::from(index) * (wide + 24.0);
        canvas.rect("box", [left, y, wide, 36.0], 6.0);
        canvas.say(left + wide / 2.0, y + 23.0, Anchor::Middle, "small", name);
        let (from, to) = (left + wide + 2.0, left + wide + 22.0);
        match index {
            0 => canvas.arrow("ink", [from, y + 18.0], [to, y + 18.0]),
            1 => canvas.failure(f64::midpoint(from, to), y + 18.0),
            2 => canvas.arrow("ink dashed", [from, y + 18.0], [to, y + 18.0]),
            _ => {}
        }
    }
    y + 36.0 + LINE + 8.0
}
