//! A file in the folder where the commands run.

use serde::{Deserialize, Serialize};

use super::{Kind, Verdict, View, say};
use crate::guide::{Language, Pattern};

/// A file's name and its one line, as a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name; it stands in the folder where the commands run.
    pub name: String,
    /// What stands in it.
    pub holds: String,
}

impl File {
    fn says(&self, language: Language, content: &str) -> String {
        let file = &self.name;
        say(
            language,
            format!("{file} holds {content}"),
            format!("{file}의 내용: {content}"),
        )
    }
}

impl Kind for File {
    type Facts = Option<String>;

    fn validate(&self) -> Result<(), String> {
        if self.name.is_empty() || self.name.contains('/') {
            return Err(format!(
                "the file {:?} has to stand in the folder of the commands",
                self.name
            ));
        }
        Pattern::parse(&self.holds).map(drop)
    }

    fn describe(&self, language: Language) -> String {
        self.says(language, &self.holds)
    }

    async fn look(&self, view: &View) -> Result<Self::Facts, kube::Error> {
        Ok(std::fs::read_to_string(view.folder.join(&self.name)).ok())
    }

    fn judge(&self, content: &Self::Facts, language: Language) -> Verdict {
        let file = &self.name;
        let Some(content) = content else {
            let observed = say(
                language,
                format!("there is no {file}"),
                format!("{file} 파일이 없음"),
            );
            return Verdict::new(false, observed, || {
                say(
                    language,
                    format!("The command of this step writes {file} into the folder it is typed in: k8s."),
                    format!("이 단계의 명령은 명령을 입력한 폴더(k8s)에 {file} 파일을 만듭니다."),
                )
            });
        };
        let holds = Pattern::parse(&self.holds).is_ok_and(|pattern| pattern.compare(content.lines()).is_ok());
        let shown: String = content.trim().chars().take(200).collect();
        Verdict::new(holds, self.says(language, &format!("{shown:?}")), || {
            say(
                language,
                format!(
                    "{file} should hold {}: look at the command that wrote it.",
                    self.holds
                ),
                format!(
                    "{file}에는 {}이(가) 있어야 합니다. 파일을 만든 명령을 확인하세요.",
                    self.holds
                ),
            )
        })
    }

    fn look_at(&self, _: &str) -> Vec<String> {
        // The folder is gone when a person could look.
        vec![]
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
        let judge = |content: Option<&str>| check.judge(&content.map(str::to_owned), Language::En);
        assert!(judge(Some("http://3323117569:8013")).holds);
        let both = judge(Some("http://198.18.192.1 VIP:8013"));
        assert_eq!(
            (both.holds, both.observed.as_str()),
            (false, "api-url.txt holds \"http://198.18.192.1 VIP:8013\"")
        );
        assert_eq!(judge(None).observed, "there is no api-url.txt");
        assert!(judge(None).hint.contains("k8s"));
    }
}
