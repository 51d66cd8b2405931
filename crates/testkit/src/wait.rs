//! Waiting for a condition, with a deadline.

use std::{fmt::Display, thread, time::Duration};

use tokio::time;

/// The longest pause between two looks. The first ones are shorter: most conditions hold soon.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// What a look at a condition may give: a `bool`, an `Option`, or a `Result` whose error tells what was seen instead.
pub trait Look {
    /// What the wait ends with.
    type Value;

    /// The value if the condition holds, else what was seen in its place.
    ///
    /// # Errors
    /// The condition does not hold yet.
    fn seen(self) -> Result<Self::Value, String>;
}

impl Look for bool {
    type Value = ();

    fn seen(self) -> Result<(), String> {
        self.then_some(()).ok_or_else(String::new)
    }
}

impl<T> Look for Option<T> {
    type Value = T;

    fn seen(self) -> Result<T, String> {
        self.ok_or_else(String::new)
    }
}

impl<T, E: Display> Look for Result<T, E> {
    type Value = T;

    fn seen(self) -> Result<T, String> {
        self.map_err(|error| format!("; seen last: {error}"))
    }
}

/// Looks again and again until the condition holds, and gives what the look found.
///
/// # Panics
/// It does not hold `within` the time given. The message says what was awaited, and what the last look saw.
#[track_caller]
pub fn eventually<L: Look>(what: &str, within: Duration, mut look: impl FnMut() -> L) -> L::Value {
    let begin = std::time::Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match look().seen() {
            Ok(value) => return value,
            Err(seen) => assert!(begin.elapsed() < within, "not within {within:?}: {what}{seen}"),
        }
        thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The same for a look that is a future, by tokio's clock.
///
/// # Panics
/// As [`eventually`] does, also where a look takes longer than what is left of the time.
pub async fn eventually_async<L: Look, F: Future<Output = L>>(
    what: &str,
    within: Duration,
    // Not `AsyncFnMut`: the compiler cannot show that its futures may go to another thread.
    mut look: impl FnMut() -> F,
) -> L::Value {
    let until = time::Instant::now() + within;
    let mut pause = Duration::from_millis(1);
    let mut seen = "; the first look did not end".to_owned();
    let looks = async {
        loop {
            match look().await.seen() {
                Ok(value) => return value,
                Err(instead) => seen = instead,
            }
            time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    };
    let value = time::timeout_at(until, looks).await.ok();
    value.unwrap_or_else(|| panic!("not within {within:?}: {what}{seen}"))
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use super::{eventually, eventually_async};

    #[test]
    fn the_value_of_the_first_look_that_succeeds_is_given() {
        let mut looks = 0;
        let third = eventually("the third look", Duration::from_secs(60), || {
            looks += 1;
            (looks == 3).then_some(looks)
        });
        assert_eq!(third, 3);
    }

    #[test]
    #[should_panic(expected = "not within 0ns: the end of the world; seen last: all is well")]
    fn a_miss_says_what_was_awaited_and_what_was_seen() {
        let look = || Err::<(), _>("all is well");
        eventually("the end of the world", Duration::ZERO, look);
    }

    #[tokio::test]
    #[should_panic(expected = "an answer; seen last: 503")]
    async fn a_miss_without_blocking_says_so_too() {
        let look = || async { Err::<(), _>(503) };
        eventually_async("an answer", Duration::from_millis(1), look).await;
    }

    #[tokio::test]
    #[should_panic(expected = "an answer; the first look did not end")]
    async fn a_look_that_never_ends_is_given_up() {
        eventually_async("an answer", Duration::from_millis(1), pending::<bool>).await;
    }
}
