//! The customers of imported feedback: the same people each time, nobody is confused with another, and nobody is
//! missing.

use hearback::domain::{
    base::Paging,
    feedback::{CustomerRef, Feedback, ImportOptions, ImportState},
};
use hearback::store::{
    Store,
    feedback::{self, customers},
};
use serde_json::{Value, json};

use super::cases::{filed, mapped};
use super::{all_feedback, counts, import, import_with, on_each_database, on_sqlite, rows_of};

fn customers_of(store: &Store) -> Vec<hearback::domain::feedback::Customer> {
    let paging = Paging::new(Some(200), None, String::new()).unwrap();
    store
        .read_now(|conn| customers::list(conn, &hearback::domain::feedback::CustomerQuery::default(), &paging))
        .unwrap()
        .data
}
pub(super) fn ticket(id: u32, requester: Value) -> Value {
    json!({"id": id, "via": {"channel": "email"}, "created_at": "2024-04-18T09:41:00Z", "subject": "Card",
           "description": "The card is blocked", "requester_id": id, "requester": requester})
}

fn who(feedback: &Feedback) -> CustomerRef {
    feedback.customer.clone().unwrap()
}

#[test]
fn two_files_that_number_from_one_do_not_overwrite_each_other() {
    on_each_database(|store| {
        let april = b"id,text\n1,April: the card was declined\n2,April: statement missing\n";
        let may = b"id,text\n1,May: please add widgets\n2,May: nothing works offline\n";
        assert_eq!(rows_of(&import(store, april)), counts(2, 2, 0, 0, 0));
        let second = import(store, may);
        assert_eq!((second.state, second.counts.read), (ImportState::Failed, 0));
        assert!(second.problem.unwrap().contains("origin"));
        let options = ImportOptions { origin: Some("may".to_owned()), ..ImportOptions::default() };
        assert_eq!(rows_of(&import_with(store, may, options)), counts(2, 2, 0, 0, 0));
        // The same file, and a newer version of it, is the same feedback.
        assert_eq!(rows_of(&import(store, april)), counts(2, 0, 0, 2, 0));
        let newer = b"id,text\n1,April: the card was declined again\n2,April: statement missing\n";
        assert_eq!(rows_of(&import(store, newer)), counts(2, 0, 1, 1, 0));
        assert_eq!(all_feedback(store).len(), 4);
    });
}

#[test]
fn customers_that_two_files_number_from_one_are_not_the_same_people() {
    on_sqlite(|store| {
        let file = |name: &str| format!("text,customer.external_id,customer.email\n{name} says,1,{name}@example.com\n");
        assert_eq!(import(store, file("eva").as_bytes()).counts.created, 1);
        assert_eq!(import(store, file("leo").as_bytes()).state, ImportState::Failed);
        assert_eq!(customers_of(store)[0].email.as_deref(), Some("eva@example.com"));
    });
}

#[test]
fn ids_of_another_product_are_not_these() {
    on_sqlite(|store| {
        let other = hearback::domain::base::decode::decode(json!({"key": "PAY", "name": "Paylo"})).unwrap();
        store
            .write_now(hearback::domain::base::Actor::COMMAND, move |tx| {
                hearback::usecase::team::products::create(tx, &other)
            })
            .unwrap();
        let file = b"id,text\n1,good\n2,bad\n";
        import(store, file);
        let options = ImportOptions { product: Some("PAY".to_owned()), ..ImportOptions::default() };
        assert_eq!(import_with(store, file, options.clone()).state, ImportState::Failed);
        let options = ImportOptions { origin: Some("pay".to_owned()), ..options };
        assert_eq!(import_with(store, file, options).counts.created, 2);
    });
}

#[test]
fn customers_known_by_name_only_stay_the_same_person() {
    on_each_database(|store| {
        let file = "number,title,description,created_at,created_by,votes_count,comments_count,status\n\
                    3,Widgets,On my lock screen,2024-04-18T09:41:00Z,Eva,42,3,open\n\
                    4,Export,,2024-04-18T09:41:00Z,Leo,1,0,open\n";
        assert_eq!(rows_of(&import(store, file.as_bytes())), counts(2, 2, 0, 0, 0));
        assert_eq!(rows_of(&import(store, file.as_bytes())), counts(2, 0, 0, 2, 0));
        assert_eq!(customers_of(store).len(), 2);
        assert_eq!(all_feedback(store)[1].votes, Some(42));
        // Another name on the same post is the same author, renamed.
        import(store, file.replace("Eva", "Eva Maria").as_bytes());
        let names: Vec<Option<String>> = customers_of(store).into_iter().map(|customer| customer.name).collect();
        assert_eq!(names, [Some("Leo".to_owned()), Some("Eva Maria".to_owned())]);
    });
}

#[test]
fn each_supporter_of_a_request_counts() {
    on_each_database(|store| {
        let file = "Id,Title,Description,Supporter Name,Supporter Email,Created At\n\
                    77,Widgets,On my lock screen,Eva,eva@example.com,2024-04-18T09:41:00Z\n\
                    77,Widgets,On my lock screen,Leo,leo@example.com,2024-04-19T09:41:00Z\n\
                    77,Widgets,On my lock screen,Ida,ida@example.com,2024-04-20T09:41:00Z\n";
        let mapping = json!({"text": "Description", "external_id": "Id", "customer.email": "Supporter Email"});
        let options = ImportOptions { origin: Some("uservoice".to_owned()), ..mapped(mapping) };
        assert_eq!(rows_of(&import_with(store, file.as_bytes(), options.clone())), counts(3, 3, 0, 0, 0));
        assert_eq!(rows_of(&import_with(store, file.as_bytes(), options)), counts(3, 0, 0, 3, 0));
        assert_eq!(customers_of(store).len(), 3);
    });
}

#[test]
fn an_odd_address_costs_no_ticket() {
    on_sqlite(|store| {
        let person = |name: &str, email: &str| json!({"id": name, "name": name, "email": email});
        let tickets = [
            ticket(1, person("Eva", "eva@example.com.")),
            ticket(2, person("Leo", "레오@회사.한국")),
            ticket(3, person("Ida", "ida@ex_ample.com")),
            ticket(4, person("Ada", "\u{200b}ada@example.com")),
        ];
        let done = import(store, json!({ "tickets": tickets }).to_string().as_bytes());
        assert_eq!(rows_of(&done), counts(4, 4, 0, 0, 0));
        assert_eq!(done.counts.warned, 2);
        let mails: Vec<Option<String>> = all_feedback(store).iter().rev().map(|said| who(said).email).collect();
        assert_eq!(mails, [Some("eva@example.com".to_owned()), None, None, Some("ada@example.com".to_owned())]);
        assert_eq!(done.counts.unreachable, 2);
    });
}

#[test]
fn users_beside_the_tickets_are_their_requesters() {
    for before in [true, false] {
        let (users, companies) = (
            r#""users":[{"id":1,"name":"Eva","email":"eva@example.com","organization_id":9}]"#,
            r#""organizations":[{"id":9,"name":"Red Mill"}]"#,
        );
        let tickets = json!([ticket(1, Value::Null)]);
        let file = match before {
            true => format!("{{{users},{companies},\"tickets\":{tickets}}}"),
            false => format!("{{\"tickets\":{tickets},{users},{companies}}}"),
        };
        let said = filed(file.as_bytes(), ImportOptions::default());
        let eva = who(&said[0]);
        assert_eq!((eva.name.as_deref(), eva.email.as_deref()), (Some("Eva"), Some("eva@example.com")));
        assert_eq!(eva.account.unwrap().name, "Red Mill");
    }
}

#[test]
fn an_account_and_a_tag_are_one_however_they_are_typed() {
    on_each_database(|store| {
        let file = "id,text,customer.email,customer.account.name,tags\n1,a,a@example.com,İZMİR IŞIK,Login\n\
                    2,b,b@example.com,izmir ışık,login\n3,c,c@example.com,\u{2068}Beta\u{2069},\u{1103}\u{1161}\n4,d,d@example.com,Beta,다\n";
        assert_eq!(import(store, file.as_bytes()).counts.created, 4);
        let paging = Paging::new(None, None, String::new()).unwrap();
        let accounts =
            store.read_now(|conn| customers::list_accounts(conn, &Default::default(), &paging)).unwrap().data;
        assert_eq!(accounts.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["Beta", "İZMİR IŞIK"]);
        for tag in ["login", "LOGIN", "다"] {
            let query = hearback::domain::feedback::FeedbackQuery { tag: Some(tag.to_owned()), ..Default::default() };
            let found = store.read_now(|conn| feedback::list::list(conn, &query, &paging)).unwrap().data.len();
            assert_eq!(found, 2, "{tag}");
        }
    });
}
