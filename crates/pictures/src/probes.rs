//! One broken pod under both probes: what each saw, the container, the traffic.

use guide::{Language, Message};

use crate::{
    axis::{Axis, BAND, NEXT},
    canvas::{Canvas, Drawn, MARGIN, WIDTH},
    caption,
    recording::{Probe, Recording},
};

/// What is shown before the call that breaks the pod, in seconds.
const BEFORE: f64 = 3.0;
/// What is shown after its first liveness probe that succeeds again.
const AFTER: f64 = 2.0;

/// Draws it; none if the recording has no restart by a probe.
pub(crate) fn draw(recording: &Recording, language: Language) -> Option<Drawn> {
    let pod = &recording.pods.iter().find(|seen| seen.restarts > 0)?.pod;
    let broken = recording.typed("/rng", 0.0)?.began;
    let runs = recording.runs(pod);
    let [first, second, ..] = &runs[..] else {
        return None;
    };
    let (ended, _) = first.ended.as_ref()?;
    let since = |time: f64| time - broken;
    let probes = |probe| {
        let all = recording.probes.iter();
        all.filter(move |probed| &probed.pod == pod && probed.probe == probe)
    };
    let mut liveness = probes(Probe::Liveness);
    let killed = since(
        liveness
            .rfind(|probed| !probed.success && probed.at < ended.by)?
            .at,
    );
    let healed = probes(Probe::Liveness).find(|probed| probed.success && probed.after > ended.by)?;
    let traffic = recording.traffic(pod, broken);
    let [_, (out, false), (back, true), ..] = traffic[..] else {
        return None;
    };
    let (out, back, began) = (since(out), since(back), since(second.began.by));

    let axis = Axis::new(-BEFORE, since(healed.at) + AFTER);
    let mut canvas = Canvas::new(language);
    let title = Message::new("picture-probes");
    let mut y = canvas.paragraph(MARGIN, 32.0, WIDTH - 2.0 * MARGIN, "head", &title) + 12.0;

    let mut bands = vec![];
    let mut lane = |canvas: &mut Canvas, name: Message, word| {
        let band = Axis::lane(canvas, y, &name, word);
        bands.push(band);
        y = band + NEXT;
        band
    };
    let ticks = |canvas: &mut Canvas, band: f64, probe| {
        let times = recording.probed(pod, probe, broken);
        for (time, success) in times.iter().filter(|(time, _)| axis.has(*time)) {
            canvas.mark(*success, axis.x(*time), band + BAND / 2.0);
        }
        times
    };

    let word = Message::new("picture-breaks");
    let band = lane(&mut canvas, Message::new("picture-readiness-probe"), Some(&word));
    let times = ticks(&mut canvas, band, Probe::Readiness);
    let mut failed: Vec<_> = times
        .iter()
        .filter(|(time, success)| !success && *time > 0.0)
        .collect();
    // Below the threshold the kubelet asks again at once: two marks in one place.
    failed.dedup_by(|(next, _), (time, _)| *next - *time < 1.0);
    for (number, pair) in ["1", "2"].into_iter().zip(failed.windows(2)) {
        let middle = f64::midpoint(axis.x(pair[0].0), axis.x(pair[1].0));
        canvas.ring(middle, band + BAND / 2.0, number);
    }

    let band = lane(&mut canvas, Message::new("picture-traffic"), None);
    let inside = Message::new("picture-in");
    axis.part(&mut canvas, band, "good", -BEFORE, out, &inside);
    axis.part(&mut canvas, band, "bad", out, back, &Message::new("picture-out"));
    axis.part(&mut canvas, band, "good", back, f64::MAX, &inside);

    let band = lane(&mut canvas, Message::new("picture-liveness-probe"), None);
    ticks(&mut canvas, band, Probe::Liveness);
    canvas.ring(axis.x(killed) + 24.0, band + BAND / 2.0, "3");
    let waits = f64::midpoint(axis.x(began), axis.x(since(healed.after)));
    canvas.ring(waits.max(axis.x(killed) + 50.0), band + BAND / 2.0, "4");

    let word = Message::new("picture-stopping");
    let band = lane(&mut canvas, Message::new("picture-container"), Some(&word));
    let run = |number: usize| Message::new("picture-run").with("number", number);
    axis.part(&mut canvas, band, "calm", -BEFORE, killed, &run(1));
    axis.between(&mut canvas, band, killed, since(ended.by));
    axis.part(&mut canvas, band, "calm", began, f64::MAX, &run(2));
    canvas.ring(
        axis.x(f64::midpoint(killed, since(ended.by))),
        band + BAND / 2.0,
        "5",
    );

    for band in &bands {
        axis.moment(&mut canvas, *band, 0.0);
    }
    y = axis.draw(
        &mut canvas,
        y - NEXT + BAND + 8.0,
        5.0,
        &Message::new("picture-seconds-after-call"),
    );

    let seconds = |time: f64| format!("{time:.0}");
    for sentence in [
        Message::new("picture-probes-out").with("seconds", seconds(out)),
        Message::new("picture-probes-back").with("seconds", seconds(back)),
    ] {
        y = canvas.paragraph(MARGIN, y, WIDTH - 2.0 * MARGIN, "", &sentence) + 4.0;
    }
    y = canvas.legend(
        y + 8.0,
        &[
            Message::new("picture-field-timeout"),
            Message::new("picture-field-period"),
            Message::new("picture-field-threshold"),
            Message::new("picture-field-initial"),
            Message::new("picture-field-grace"),
        ],
    );
    let height = caption::recorded(&mut canvas, y + 6.0, recording);
    let description = Message::new("picture-probes-description")
        .with("out", seconds(out))
        .with("killed", seconds(killed))
        .with("back", seconds(back));
    Some(canvas.finish(height, &title, &description))
}
