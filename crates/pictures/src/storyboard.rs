//! Four frames: who gets requests, without a probe and with one.

use guide::{Language, Message};

use crate::{
    canvas::{Anchor, Canvas, Drawn, MARGIN, WIDTH},
    caption,
};

/// A frame: what it says, whether each pod works, and whether each is in the list.
struct Frame {
    says: Message,
    works: [bool; 2],
    listed: [bool; 2],
}

/// Draws it.
pub(crate) fn draw(language: Language) -> Drawn {
    let mut canvas = Canvas::new(language);
    let title = Message::new("picture-storyboard");
    let mut y = canvas.paragraph(MARGIN, 32.0, WIDTH - 2.0 * MARGIN, "head", &title) + 12.0;
    let frame = |says, works, listed| Frame { says, works, listed };
    for (index, frame) in [
        frame(Message::new("picture-frame-both"), [true, true], [true, true]),
        frame(
            Message::new("picture-frame-unnoticed"),
            [false, true],
            [true, true],
        ),
        frame(Message::new("picture-frame-probe"), [false, true], [false, true]),
        frame(Message::new("picture-frame-none"), [false, false], [false, false]),
    ]
    .iter()
    .enumerate()
    {
        canvas.ring(MARGIN + 11.0, y - 5.0, &(index + 1).to_string());
        y = canvas.paragraph(
            MARGIN + 30.0,
            y,
            WIDTH - 2.0 * MARGIN - 30.0,
            "strong",
            &frame.says,
        ) - 10.0;
        y = scene(&mut canvas, y, frame) + 32.0;
    }
    let height = caption::diagram(&mut canvas, y);
    canvas.finish(height, &title, &Message::new("picture-storyboard-description"))
}

/// The caller, the Service, the pods and the list; gives where it ends.
fn scene(canvas: &mut Canvas, y: f64, frame: &Frame) -> f64 {
    let middle = y + 42.0;
    let plain = |canvas: &mut Canvas, left: f64, wide: f64, name: &Message| {
        canvas.rect("box", [left, middle - 17.0, wide, 34.0], 6.0);
        canvas.say(left + wide / 2.0, middle + 5.0, Anchor::Middle, "small", name);
    };
    plain(canvas, MARGIN, 76.0, &Message::new("picture-a-caller"));
    plain(canvas, 126.0, 76.0, &Message::new("picture-service"));
    canvas.arrow("ink", [MARGIN + 80.0, middle], [123.0, middle]);
    if frame.listed == [false, false] {
        canvas.failure(220.0, middle);
    }
    let pods = [("A", y + 18.0), ("B", y + 66.0)];
    for (index, (name, row)) in pods.into_iter().enumerate() {
        let (works, listed) = (frame.works[index], frame.listed[index]);
        canvas.rect("box", [250.0, row - 18.0, 100.0, 36.0], 6.0);
        canvas.mark(works, 267.0, row);
        let pod = Message::new("picture-pod").with("name", name);
        canvas.say(284.0, row + 5.0, Anchor::Start, "small", &pod);
        if listed {
            let class = if works { "goodline" } else { "badline dashed" };
            canvas.arrow(class, [206.0, middle], [247.0, row]);
        }
    }
    canvas.say(
        366.0,
        y + 14.0,
        Anchor::Start,
        "small soft",
        &Message::new("picture-list"),
    );
    let listed = pods.iter().zip(frame.listed).filter(|(_, listed)| *listed);
    let names: Vec<_> = listed.map(|((name, _), _)| *name).collect();
    let list = if names.is_empty() {
        Message::new("picture-list-empty")
    } else {
        Message::Verbatim(names.join(", "))
    };
    canvas.say(366.0, middle + 8.0, Anchor::Start, "strong", &list);
    y + 84.0
}
