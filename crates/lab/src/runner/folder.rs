/// The programs that an exercise calls, with the shell that calls them.
fn programs(exercise: &Exercise) -> Vec<String> {
    let mut programs = vec!["bash".to_owned()];
    for command in exercise.steps.iter().flat_map(|step| &step.action.commands) {
        if let Some(program) = command.split_whitespace().next()
            && !programs.iter().any(|known| known == program)
        {
            programs.push(program.to_owned());
        }
    }
    programs
}

/// The PATH for commands: the person's own, then the embedded cluster's programs.
fn path(settings: &Settings) -> OsString {
    let own = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&own).chain(settings.embedded.iter().map(|embedded| embedded.programs.clone()));
    // Only a folder with a colon in its name cannot be joined, and the person's own cannot have one.
    std::env::join_paths(folders).unwrap_or(own)
}

/// Copies a folder's manifests, and nothing that a learner's own commands left beside them.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir(to)?;
    let named =
        |error: std::io::Error| std::io::Error::new(error.kind(), format!("{}: {error}", from.display()));
    for entry in std::fs::read_dir(from).map_err(named)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        } else if kind.is_file()
            && entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "yaml")
        {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
