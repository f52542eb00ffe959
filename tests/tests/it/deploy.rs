//! The files of `deploy/` against the binary: every variable, port, path and command in them is one that the binary knows. They are
//! not run here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use latchkey_tests::requirement::workspace;
use latchkey_tests::server::binary;
use serde_json::Value as Json;

/// A process of ours, as a file describes it.
struct Process {
    place: String,
    arguments: Vec<String>,
    variables: BTreeMap<String, String>,
    ports: Vec<u64>,
    paths: Vec<String>,
}

fn documents(file: &str) -> Vec<Json> {
    let path = workspace().join("deploy").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let parts = text.split("\n---\n");
    let read = |part: &str| -> Json {
        let mut value: serde_yaml::Value = serde_yaml::from_str(part).unwrap();
        value.apply_merge().unwrap();
        serde_json::to_value(value).unwrap()
    };
    parts.map(read).collect()
}

/// Something for what only an operator can fill in.
fn filled(text: &str) -> String {
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    text.replace("${LATCHKEY_MASTER_KEY}", key)
        .replace("${POSTGRES_PASSWORD}", "test-key-password")
}

fn texts(value: &Json) -> Vec<String> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .map(|item| item.as_str().unwrap().to_owned())
        .collect()
}

fn composed() -> Vec<Process> {
    let [file] = &documents("compose.yml")[..] else {
        panic!("it is one document");
    };
    let services = file["services"].as_object().unwrap();
    let ours = services.iter().filter(|(_, it)| it["build"].is_object());
    let process = |(name, it): (&String, &Json)| {
        let variables = it["environment"].as_object().unwrap().iter();
        let inside = |port: &String| port.rsplit(':').next().unwrap().parse().unwrap();
        Process {
            place: format!("compose.yml, {name}"),
            arguments: texts(&it["command"]),
            variables: variables
                .map(|(name, value)| (name.clone(), filled(value.as_str().unwrap())))
                .collect(),
            ports: texts(&it["ports"]).iter().map(inside).collect(),
            paths: Vec::new(),
        }
    };
    ours.map(process).collect()
}

fn manifests() -> Vec<Process> {
    let documents = documents("kubernetes/latchkey.yml");
    let of_kind = |kind: &str| -> Vec<&Json> {
        let all = documents.iter();
        all.filter(|document| document["kind"] == kind).collect()
    };
    let data = |kind: &str, field: &str| -> BTreeMap<String, String> {
        let pairs = of_kind(kind)[0][field].as_object().unwrap().iter();
        pairs
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect()
    };
    let (plain, secret) = (data("ConfigMap", "data"), data("Secret", "stringData"));
    let process = |document: &&Json| {
        let [container] = &document["spec"]["template"]["spec"]["containers"]
            .as_array()
            .unwrap()[..]
        else {
            panic!("a pod has one container");
        };
        let mut variables = plain.clone();
        for variable in container["env"].as_array().unwrap() {
            let key = variable["valueFrom"]["secretKeyRef"]["key"]
                .as_str()
                .unwrap();
            let value = secret.get(key);
            let value = value.unwrap_or_else(|| panic!("the secret has no {key}"));
            let name = variable["name"].as_str().unwrap();
            variables.insert(name.to_owned(), value.clone());
        }
        let probes = ["startupProbe", "livenessProbe", "readinessProbe"];
        let probes = probes.map(|name| &container[name]["httpGet"]);
        let open = container["ports"].as_array().unwrap().iter();
        let open = open.map(|port| port["containerPort"].as_u64().unwrap());
        Process {
            place: format!("latchkey.yml, {}", document["metadata"]["name"]),
            arguments: texts(&container["args"]),
            variables,
            ports: open
                .chain(probes.iter().map(|probe| probe["port"].as_u64().unwrap()))
                .collect(),
            paths: probes
                .iter()
                .map(|probe| probe["path"].as_str().unwrap().to_owned())
                .collect(),
        }
    };
    let processes: Vec<Process> = of_kind("Deployment").iter().map(process).collect();
    for service in of_kind("Service") {
        let target = &service["spec"]["ports"][0]["targetPort"];
        assert_eq!(target.as_u64(), Some(processes[0].ports[0]));
        let role = &service["spec"]["selector"]["role"];
        let labels = |it: &&&Json| it["metadata"]["labels"]["role"] == *role;
        assert_eq!(of_kind("Deployment").iter().filter(labels).count(), 1);
    }
    processes
}

fn asked(process: &Process, arguments: &[&str]) -> std::process::Output {
    Command::new(binary())
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(&process.variables)
        .output()
        .unwrap()
}

fn paths_of_the_api() -> Vec<String> {
    let document = Command::new(binary()).arg("openapi").output().unwrap();
    let document: Json = serde_json::from_slice(&document.stdout).unwrap();
    document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[test]
fn what_the_files_say_is_what_the_binary_knows() {
    let processes: Vec<Process> = composed().into_iter().chain(manifests()).collect();
    // Two that answer and one kind that works, and one kind of each.
    assert_eq!(processes.len(), 5);
    let known = paths_of_the_api();
    for process in &processes {
        let place = &process.place;
        let settings = asked(process, &["config"]);
        let said = String::from_utf8_lossy(&settings.stderr).into_owned();
        assert!(settings.status.success(), "{place}: {said}");
        let mut arguments: Vec<&str> = process.arguments.iter().map(String::as_str).collect();
        arguments.push("--help");
        let command = asked(process, &arguments);
        let said = String::from_utf8_lossy(&command.stderr).into_owned();
        assert!(command.status.success(), "{place}: {said}");
        let listens = process.variables["LATCHKEY_LISTEN"].rsplit(':').next();
        let listens: u64 = listens.unwrap().parse().unwrap();
        assert!(process.ports.iter().all(|port| *port == listens), "{place}");
        for path in &process.paths {
            assert!(known.contains(path), "{place}: {path}");
        }
    }
    let scraped = std::fs::read_to_string(workspace().join("deploy/kubernetes/latchkey.yml"));
    assert!(scraped.unwrap().contains("prometheus.io/path: /metrics"));
    assert!(known.contains(&"/metrics".to_owned()));
}

#[test]
fn the_image_starts_what_is_built() {
    let file: PathBuf = workspace().join("deploy/Dockerfile");
    let text = std::fs::read_to_string(file).unwrap();
    let toolchain = std::fs::read_to_string(workspace().join("rust-toolchain.toml")).unwrap();
    let version = toolchain.split("channel = \"").nth(1).unwrap();
    let version: Vec<&str> = version.split(['.', '"']).take(2).collect();
    assert!(
        text.contains(&format!("FROM rust:{}", version.join("."))),
        "{text}"
    );
    assert!(text.contains("--package latchkey-server"));
    assert!(text.contains("ENTRYPOINT [\"/usr/local/bin/latchkey\"]"));
}
