//! A file in the folder where the commands run.

use guide::{Claim, Message, Pattern, proof::File};

use super::{Kind, Place, Verdict};

/// The longest part of a file that is told.
const SHOWN: usize = 200;

impl Kind for File {
    type Facts = Option<String>;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        Ok(std::fs::read_to_string(place.folder.join(&self.name)).ok())
    }

    fn judge(&self, content: &Self::Facts) -> Verdict {
        let file = |message: Message| message.with("file", &self.name);
        let Some(content) = content else {
            return Verdict::missed(
                file(Message::new("file-none")),
                file(Message::new("hint-file-none")),
            );
        };
        if Pattern::parse(&self.holds).is_ok_and(|pattern| pattern.compare(content.lines()).is_ok()) {
            return Verdict::holds(self.describe());
        }
        let shown: String = content.trim().chars().take(SHOWN).collect();
        let hint = file(Message::new("hint-file")).with("content", &self.holds);
        Verdict::missed(self.says(&format!("{shown:?}")), hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_one_line() {
        let check = File {
            name: "api-url.txt".into(),
            holds: "http://…:8013".into(),
        };
        let judge = |content: Option<&str>| check.judge(&content.map(str::to_owned));
        assert!(judge(Some("http://3323117569:8013")).holds);
        let both = judge(Some("http://198.18.192.1 VIP:8013"));
        assert_eq!(
            (both.holds, both.observed),
            (false, check.says("\"http://198.18.192.1 VIP:8013\""))
        );
        assert_eq!(judge(None).observed.id(), Some("file-none"));
    }
}
