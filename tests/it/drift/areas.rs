//! A list of dagplejere becomes areas of dagpleje.

use serde_json::Value;

use super::text;
use crate::support::messages::*;
use crate::support::process::{Server, dtr, dtr_json, installation};
use crate::support::{Element, Folder};

#[tokio::test]
async fn a_list_of_dagplejere_becomes_areas() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    std::fs::write(
        at.join("d.csv"),
        "id;omraade\n17;Dagplejen Nord\n18;Dagplejen Syd\n19;Dagplejen Nord\n",
    )
    .unwrap();
    let plan = [
        "dagpleje",
        "plan",
        "d.csv",
        "--under",
        "G30001",
        "--p-nummer",
        "1975100551",
        "--vej-navn",
        "Rådhuspladsen",
        "--hus-nummer",
        "2",
        "--post-nummer",
        "8000",
    ];
    let (areas, _) = dtr_json(&at, &plan);
    assert_eq!(
        areas["omraader"][0],
        serde_json::json!({"omraade": "Dagplejen Nord", "dagplejere": 2})
    );
    let message = text(&dtr(&at, &plan).stdout);
    assert!(!message.contains("17"), "no person is in it: {message}");
    // What the register would refuse for its shape is not written, and areas are told apart by more than letter case.
    let wrong = plan.map(|word| if word == "1975100551" { "197510" } else { word });
    let wrong = dtr(&at, &wrong);
    assert!(!wrong.status.success() && wrong.stdout.is_empty());
    assert!(
        text(&wrong.stderr).contains("DTR40"),
        "{}",
        text(&wrong.stderr)
    );
    // Nor what breaks its rules whatever stands in the register, as a message or as a list; each error is told once.
    for (given, meant, code) in [("G30001", "A10001", "DTR5008"), ("8000", "80", "DTR4011")] {
        let wrong = plan.map(|word| if word == given { meant } else { word });
        for more in [&[][..], &["--json"]] {
            let wrong = dtr(&at, &[&wrong[..], more].concat());
            assert!(!wrong.status.success() && wrong.stdout.is_empty());
            let told = text(&wrong.stderr);
            assert_eq!(told.matches(code).count(), 1, "{told}");
            assert!(told.contains(meant), "{told}");
        }
    }
    let list = "Id;oMRAADE\n17;Nord\u{202e}en\n18;Nord\u{202e}en\n";
    std::fs::write(at.join("f.csv"), list).unwrap();
    let steering = plan.map(|word| if word == "d.csv" { "f.csv" } else { word });
    let told = text(&dtr(&at, &steering).stderr);
    assert!(
        told.contains("Nord") && !told.contains('\u{202e}'),
        "{told:?}"
    );
    let list = "ID;OMRÅDE\n17;Nord\n18; nord\n19;Syd  Vest\n";
    std::fs::write(at.join("e.csv"), list).unwrap();
    let other = plan.map(|word| if word == "d.csv" { "e.csv" } else { word });
    let told = dtr(&at, &[&other[..], &["--json"]].concat());
    let areas: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(
        areas["omraader"],
        serde_json::json!([{"omraade": "Nord", "dagplejere": 2}, {"omraade": "Syd Vest", "dagplejere": 1}])
    );
    assert!(
        text(&told.stderr).contains("Syd Vest: 1: an area is a group"),
        "{}",
        text(&told.stderr)
    );
    std::fs::write(at.join("d.xml"), &message).unwrap();
    assert!(dtr_json(&at, &["check", "d.xml"]).1);
    // It is what support carries out, under the daginstitution that the areas belong to.
    let server = Server::start(&at);
    let top = element(
        "daginstitution",
        "",
        &coded_institution_fields("Dagplejen", 751, 1, 5),
    );
    let top = write("InsertDaginstitution", &[top]);
    assert_eq!(
        server.caller("kommune").import_v2(top).ok().await.number(),
        "G30001"
    );
    let done = dtr(
        &at,
        &["support", "d.xml", "--sagsnummer", "SAG-7", "--udfoer"],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    let svar = Element::parse(&text(&done.stdout));
    assert_eq!(svar.texts("institutionsnummer"), ["G30002", "G30003"]);
    std::fs::write(at.join("en.csv"), "id;omraade\n17;Hanne Nielsen\n").unwrap();
    let one = dtr(&at, &[&plan[..2], &["en.csv"], &plan[3..]].concat());
    assert!(
        text(&one.stderr).contains("one person's name"),
        "{}",
        text(&one.stderr)
    );
}
