//! Rules for the repository as a whole: the same name for a function everywhere, dependencies in one direction,
//! readable files.

mod layers;
mod modules;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use yaml_rust2::{Yaml, YamlLoader};

use crate::support::operations;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Returns every file below a folder with one of these extensions, without build output.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.extend((!path.ends_with("target")).then_some(path));
            } else if path.extension().is_some_and(|ending| endings.contains(&ending.to_str().unwrap())) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{folder}");
    found
}

/// Reads one of the two templates of the application: `app` or `http`.
fn template(name: &str) -> Yaml {
    let text = fs::read_to_string(root().join(format!("infra/{name}.yaml"))).unwrap();
    YamlLoader::load_from_str(&text).unwrap().remove(0)
}

/// Returns the names of the functions in a table, with their routes or schedules.
fn table(template: &Yaml, name: &str) -> BTreeMap<String, String> {
    let text = |value: &Yaml| value.as_str().unwrap().to_owned();
    let rows = template["Mappings"][name].as_hash().unwrap();
    let trigger = if name == "Jobs" { "Schedule" } else { "Route" };
    rows.values().map(|row| (text(&row["Name"]), text(&row[trigger]))).collect()
}

/// Returns the names of the functions that are declared outside the tables.
fn single_functions(template: &Yaml) -> Vec<String> {
    let resources = template["Resources"].as_hash().unwrap();
    let functions =
        resources.values().filter(|resource| resource["Type"].as_str() == Some("AWS::Serverless::Function"));
    let name = |function: &Yaml| {
        function["Properties"]["FunctionName"].as_str().unwrap().strip_prefix("${AWS::StackName}-").unwrap().to_owned()
    };
    functions.map(name).collect()
}

fn binaries(folder: &str) -> BTreeSet<String> {
    let found = files(folder, &["rs"]).into_iter().filter(|path| path.parent().unwrap().ends_with("src/bin"));
    found.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn the_binaries_match_the_functions_of_the_templates() {
    let core = template("app");
    let in_tables = ["Sockets", "Jobs"].into_iter().flat_map(|name| table(&core, name).into_keys());
    let functions = in_tables.chain(single_functions(&core)).chain(table(&template("http"), "Http").into_keys());
    assert_eq!(binaries("functions"), functions.collect());
}

#[test]
fn the_routes_of_the_template_match_the_document() {
    let mut http = table(&template("http"), "Http");
    assert_eq!(http.remove("default-route").as_deref(), Some("$default"));
    let document =
        operations().into_iter().map(|o| (o.name, format!("{} {}", o.method, o.path))).collect::<BTreeMap<_, _>>();
    assert_eq!(http, document);
}

/// A row of a table is deployed only if the loop contains it. A parameter holds the ids of all rows
/// (`infra/templates.py`).
#[test]
fn every_row_of_a_template_is_in_its_loop() {
    for (file, name, ids) in
        [("http", "Http", "EndpointIds"), ("app", "Sockets", "SocketIds"), ("app", "Jobs", "JobIds")]
    {
        let template = template(file);
        assert_eq!(template["Resources"][&*format!("Fn::ForEach::{name}")][1].as_str(), Some(ids));
        assert_eq!(template["Parameters"][ids]["Type"].as_str(), Some("CommaDelimitedList"));
    }
    let template = template("app");
    let rows: BTreeSet<_> = template["Mappings"]["Queues"].as_hash().unwrap().keys().cloned().collect();
    let named: BTreeSet<_> =
        template["Resources"]["Fn::ForEach::Queues"][1].as_vec().unwrap().iter().cloned().collect();
    assert_eq!(rows, named);
}

/// Otherwise the database would continue with a statement that nobody waits for. Migrations have no limit.
#[test]
fn statement_timeouts_are_shorter_than_function_timeouts() {
    let templates = [template("app"), template("http")];
    let seconds = |value: &Yaml| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let jobs =
        templates[0]["Mappings"]["Jobs"].as_hash().unwrap().values().map(|row| seconds(&row["Timeout"]).unwrap());
    let shortest_job = jobs.min().unwrap();
    let mut checked = 0;
    let mut check = |globals: &Yaml, name: &str, properties: &Yaml| {
        let of = |of: &Yaml| of["Environment"]["Variables"]["STATEMENT_TIMEOUT_SECONDS"].clone();
        let own = of(properties);
        let statement = seconds(&if own.is_badvalue() { of(globals) } else { own });
        let function = match &properties["Timeout"] {
            Yaml::BadValue => seconds(&globals["Timeout"]),
            Yaml::Array(_) | Yaml::String(_) => Some(shortest_job),
            own => seconds(own),
        };
        match statement {
            Some(statement) => assert!(statement < function.unwrap(), "{name}: {statement} s of {function:?}"),
            None => assert!(name.contains("migrate"), "{name} has no time for a statement"),
        }
        checked += 1;
    };
    for template in &templates {
        for resource in template["Resources"].as_hash().unwrap().values() {
            let rows = resource[2].as_hash().into_iter().flat_map(|loops| loops.values());
            for function in rows.chain([resource]) {
                if function["Type"].as_str() == Some("AWS::Serverless::Function") {
                    let properties = &function["Properties"];
                    let name = properties["FunctionName"].as_str().unwrap_or("of a table");
                    check(&template["Globals"]["Function"], name, properties);
                }
            }
        }
    }
    assert_eq!(checked, 7, "three tables, three consumers, one deployment");
}

#[test]
fn binaries_contain_only_main() {
    for path in files("functions", &["rs"]).into_iter().filter(|path| path.parent().unwrap().ends_with("src/bin")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.lines().count() <= 20 && text.matches("fn ").count() == 1, "{}", path.display());
    }
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for folder in ["functions", "shared", "tests", "bench"] {
        for path in files(folder, &["rs", "sql", "html"]) {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= 400, "{} has {lines} lines", path.display());
        }
    }
}

/// Only `Tx::commit` commits: functions have no sqlx (see above), and nothing else in `shared` has what a commit needs.
#[test]
fn only_tx_commits() {
    for path in files("shared/src", &["rs"]).into_iter().filter(|path| !path.ends_with("db/database.rs")) {
        let text = fs::read_to_string(&path).unwrap();
        for word in ["Transaction<", "TransactionManager", "sqlx::Connection", "Connection as _", "Acquire", "COMMIT"] {
            assert!(!text.contains(word), "{} has {word}: only a Tx commits", path.display());
        }
    }
}

#[test]
fn dependency_versions_are_declared_in_the_workspace_only() {
    for folder in ["functions", "shared", "tests", "bench"] {
        for path in files(folder, &["toml"]).into_iter().filter(|path| path.ends_with("Cargo.toml")) {
            let text = fs::read_to_string(&path).unwrap();
            let dependencies =
                text.split("\n[").filter(|section| section.split(']').next().unwrap().ends_with("dependencies"));
            for line in dependencies.flat_map(|section| section.lines().skip(1)).filter(|line| line.contains('=')) {
                assert!(line.contains(".workspace = true"), "{}: {line}", path.display());
                assert!(folder == "tests" || !line.starts_with("taskbell-"), "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn generated_files_are_up_to_date() {
    let written = taskbell_generate::files(&root()).unwrap();
    let made = taskbell_tests::generated::files(&root()).unwrap().into_iter().map(|(path, text)| (path, Some(text)));
    for (path, text) in written.into_iter().chain(made) {
        let stale = fs::read_to_string(&path).ok() != text;
        assert!(!stale, "{} is not what the code says: run `make generate`", path.display());
    }
}

#[test]
fn only_changing_operations_take_if_match() {
    let document = serde_json::to_value(taskbell_tests::openapi::document()).unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let mut parameters = operation["parameters"].as_array().into_iter().flatten();
            let guarded = parameters.any(|parameter| parameter["name"] == "If-Match");
            assert!(!guarded || ["put", "patch", "delete"].contains(&method.as_str()), "{method} {path}");
        }
    }
}
