//! Who refuses what: the quota when a pod is created, the scheduler when it is placed.

use guide::{Language, Message};

use crate::{
    canvas::{Anchor, Canvas, Drawn, MARGIN, WIDTH},
    caption,
};

/// How wide a box is, and how high.
const BOX: [f64; 2] = [130.0, 40.0];
/// Where the words beside the boxes begin.
const BESIDE: f64 = MARGIN + BOX[0] + 14.0;

/// What stands between two boxes.
enum Way {
    /// Nobody refuses.
    Open(Message),
    /// Somebody may: who, with what, and the command that shows it.
    Gate(Message, Message, &'static str),
}

/// Draws it.
pub(crate) fn draw(language: Language) -> Drawn {
    let mut canvas = Canvas::new(language);
    let title = Message::new("picture-refusals");
    let mut y = canvas.paragraph(MARGIN, 32.0, WIDTH - 2.0 * MARGIN, "head", &title);
    let chain = [
        (
            Message::new("picture-you"),
            Way::Open(Message::new("picture-way-apply")),
        ),
        (
            Message::new("picture-deployment"),
            Way::Open(Message::new("picture-way-set")),
        ),
        (
            Message::new("picture-replicaset"),
            Way::Gate(
                Message::new("picture-gate-quota"),
                Message::new("picture-gate-quota-says"),
                "kubectl describe replicaset",
            ),
        ),
        (
            Message::new("picture-the-pod"),
            Way::Gate(
                Message::new("picture-gate-scheduler"),
                Message::new("picture-gate-scheduler-says"),
                "kubectl describe pod",
            ),
        ),
    ];
    let middle = MARGIN + BOX[0] / 2.0;
    for (says, way) in chain {
        canvas.rect("box", [MARGIN, y, BOX[0], BOX[1]], 6.0);
        canvas.say(middle, y + 26.0, Anchor::Middle, "strong", &says);
        let top = y + BOX[1] + 4.0;
        match way {
            Way::Open(says) => {
                let next = canvas.paragraph(BESIDE, top + 18.0, WIDTH - MARGIN - BESIDE, "small", &says);
                y = (next + 4.0).max(top + 40.0);
                canvas.arrow("ink", [middle, top], [middle, y - 4.0]);
            }
            Way::Gate(who, says, command) => {
                let mut next = canvas.paragraph(BESIDE, top + 4.0, WIDTH - MARGIN - BESIDE, "strong", &who);
                canvas.failure(BESIDE + 9.0, next - 5.0);
                next = canvas.paragraph(
                    BESIDE + 24.0,
                    next,
                    WIDTH - MARGIN - BESIDE - 24.0,
                    "small",
                    &says,
                );
                canvas.text(BESIDE + 24.0, next, Anchor::Start, "code", command);
                y = next + 26.0;
                let gate = f64::midpoint(top, y);
                canvas.line("ink", [middle, top], [middle, gate - 12.0]);
                canvas.ring(middle, gate, "?");
                canvas.arrow("ink", [middle, gate + 12.0], [middle, y - 4.0]);
            }
        }
    }
    canvas.rect("box", [MARGIN, y, BOX[0], BOX[1]], 6.0);
    canvas.say(
        middle,
        y + 26.0,
        Anchor::Middle,
        "strong",
        &Message::new("picture-the-node"),
    );
    canvas.say(
        BESIDE,
        y + 26.0,
        Anchor::Start,
        "small",
        &Message::new("picture-node-runs"),
    );
    let height = caption::diagram(&mut canvas, y + BOX[1] + 32.0);
    canvas.finish(height, &title, &Message::new("picture-refusals-description"))
}
