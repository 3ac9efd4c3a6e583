//! Sign-in by an OpenID Connect provider and by a proxy.

use hearback::config::Config;
use hearback::domain::base::Actor;
use hearback::domain::team::Role;
use hearback::domain::team::external_sign_in::{EntryRefusal, ExternalIdentity, GroupRules};
use hearback::domain::team::session::SessionLifetime;
use hearback::store::Tx;
use hearback::usecase::team::external::{self, Entry};
use hearback::usecase::team::sessions::Device;
use serde_json::json;

use super::provider::Provider;
use super::visitor::{Visitor, set_password};
use crate::support::{Answer, World, on_each_program_with, on_each_world, on_each_world_with};

/// An identity at a provider, with a verified address and these groups.
fn identity(subject: &str, email: &str, groups: &[&str]) -> ExternalIdentity {
    ExternalIdentity {
        issuer: "https://id.example.com".to_owned(),
        subject: subject.to_owned(),
        email: Some(email.to_owned()),
        email_verified: true,
        name: Some("Ann".to_owned()),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    }
}

/// What a sign-in ends with: the role of the member, or why not.
fn enter(world: &World, person: ExternalIdentity, rules: &GroupRules) -> Result<(String, Role), EntryRefusal> {
    let (rules, secret) = (rules.clone(), hearback::usecase::team::tokens::new_secret().expect("a secret"));
    let work = move |tx: &mut Tx<'_>| {
        let lifetime = SessionLifetime { idle: 1_000_000_000, whole: 1_000_000_000 };
        let entry = Entry { device: Device::default(), secret: secret.clone(), lifetime };
        external::enter(tx, &person, &rules, &entry)
    };
    let entered = world.store().write_now(Actor::AUTOMATION, work).expect("an outcome");
    entered.map(|member| (member.id.to_string(), member.role))
}

fn rules(pairs: &str, required: bool) -> GroupRules {
    GroupRules::read(pairs, required).expect("rules")
}

#[test]
fn a_person_is_found_by_their_account_and_at_first_by_a_verified_address() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Support, "en");
        let none = GroupRules::default();
        let claimed = ExternalIdentity { email_verified: false, ..identity("mallory", "ann@example.com", &[]) };
        assert_eq!(enter(world, claimed, &none), Err(EntryRefusal::Unverified), "anybody could claim an address");
        assert_eq!(enter(world, identity("nobody", "new@example.com", &[]), &none), Err(EntryRefusal::Unknown));
        let known = Ok((ann.id.to_string(), Role::Support));
        assert_eq!(enter(world, identity("1", "ANN@example.com", &[]), &none), known);
        // The address at the provider changes; another person gets the old one there.
        assert_eq!(enter(world, identity("1", "ann.lee@example.com", &[]), &none), known);
        let successor = enter(world, identity("2", "ann@example.com", &[]), &none);
        assert_eq!(successor, Err(EntryRefusal::OtherAccount), "who gets her address does not get her membership");
        let other =
            ExternalIdentity { issuer: "https://other.example".to_owned(), ..identity("1", "x@example.com", &[]) };
        assert_eq!(enter(world, other, &none), Err(EntryRefusal::Unknown), "a subject is one of its provider only");
        world.patch(&format!("/v1/members/{}", ann.id), json!({ "active": false }));
        assert_eq!(enter(world, identity("1", "ann@example.com", &[]), &none), Err(EntryRefusal::Inactive));
        let kinds = world.kinds_of(ann.id);
        assert_eq!(kinds.iter().filter(|kind| *kind == "member.account_linked").count(), 1, "{kinds:?}");
    });
}

#[test]
fn groups_give_roles_at_each_sign_in_and_an_admin_with_a_password_stays() {
    on_each_world(|world| {
        let map = rules("support=support,leads=product", false);
        let made = enter(world, identity("7", "new@example.com", &["support"]), &map).expect("a new member");
        assert_eq!(made.1, Role::Support);
        let again = |groups: &[&str]| enter(world, identity("7", "new@example.com", groups), &map);
        assert_eq!(again(&["support", "leads"]), Ok((made.0.clone(), Role::Product)));
        assert_eq!(again(&["others"]), Ok((made.0.clone(), Role::Product)), "no group says nothing");
        assert_eq!(again(&["support"]), Ok((made.0.clone(), Role::Support)));
        let strict = rules("support=support", true);
        assert_eq!(enter(world, identity("7", "new@example.com", &["others"]), &strict), Err(EntryRefusal::NoGroup));

        let boss = world.person("Boss", "boss@example.com", Role::Admin, "en");
        set_password(world, boss.id);
        let role = enter(world, identity("8", "boss@example.com", &["support"]), &map).expect("an entry").1;
        assert_eq!(role, Role::Admin, "so that the instance can be reached when the provider is wrong");
        let other = world.person("Other", "other@example.com", Role::Admin, "en");
        let role = enter(world, identity("9", "other@example.com", &["support"]), &map).expect("an entry").1;
        assert_eq!(role, Role::Support, "an admin by the provider alone is one by its groups");
        assert_eq!(world.get(&format!("/v1/members/{}", other.id)).json()["role"], "support");
    });
}

/// The path and query of an address of this server.
fn local(address: &str) -> String {
    let rest = address.split_once("://").expect("an address").1;
    rest[rest.find('/').expect("a path")..].to_owned()
}

/// Signs in at the provider: from the link on the sign-in page to what the callback answers.
fn through(provider: &Provider, visitor: &mut Visitor<'_>, subject: &str, next: &str) -> Answer {
    let begun = visitor.get(&format!("/console/sign-in/oidc?next={next}"));
    assert_eq!(begun.status, 303, "{begun:?}");
    let address = begun.header_text("location");
    for part in ["code_challenge_method=S256", "nonce=", "state=", "response_type=code"] {
        assert!(address.contains(part), "{part} in {address}");
    }
    visitor.get(&local(&provider.authorize(address, subject)))
}

fn with_provider(provider: &Provider) -> impl Fn(&mut Config) + Sync {
    let issuer = provider.issuer.clone();
    move |config: &mut Config| {
        config.sign_in.oidc_issuer = Some(issuer.clone());
        config.sign_in.oidc_client_id = Some("hearback".to_owned());
        config.sign_in.oidc_client_secret = Some("a secret of the tests".to_owned());
        config.sign_in.oidc_roles = "support=support,leads=product".to_owned();
    }
}

#[test]
fn a_member_signs_in_by_a_real_provider() {
    let Some(provider) = Provider::start() else { return };
    on_each_world_with(with_provider(&provider), |world| {
        let email = "ann@example.com";
        let ann = world.person("Ann", email, Role::Viewer, "en");
        provider.person("ann", json!({ "email": email, "email_verified": true, "groups": ["support"] }));
        let mut visitor = Visitor::new(world);
        assert!(visitor.read("/console/sign-in").contains("/console/sign-in/oidc"), "the page shows the way");
        let entered = through(&provider, &mut visitor, "ann", "/console/themes");
        assert_eq!((entered.status, entered.header_text("location")), (303, "/console/themes"), "{entered:?}");
        assert!(visitor.read("/console/account").contains("Ann"));
        assert_eq!(world.get(&format!("/v1/members/{}", ann.id)).json()["role"], "support", "by the group");
        assert!(!visitor.cookies.keys().any(|name| name.contains("oidc")), "{:?}", visitor.cookies);

        provider.person(
            "new",
            json!({ "email": "new@example.com", "email_verified": true, "groups": ["leads"], "name": "New" }),
        );
        assert_eq!(through(&provider, &mut Visitor::new(world), "new", "/console/").status, 303);
        let members = world.walk("/v1/members", || ());
        let new = members.iter().find(|member| member["email"] == "new@example.com").expect("a new member");
        assert_eq!((new["role"].as_str(), new["name"].as_str()), (Some("product"), Some("New")));

        for (subject, claims) in [
            ("unverified", json!({ "email": email, "email_verified": false })),
            ("stranger", json!({ "email": "stranger@example.com", "email_verified": true })),
        ] {
            provider.person(subject, claims);
            let mut visitor = Visitor::new(world);
            let refused = through(&provider, &mut visitor, subject, "/console/");
            assert_eq!(refused.status, 403, "{refused:?}");
            assert_eq!(visitor.get("/console/account").status, 303, "nobody is signed in");
        }
    });
}

#[test]
fn the_answer_of_a_provider_counts_once_and_for_the_browser_that_asked() {
    let Some(provider) = Provider::start() else { return };
    on_each_world_with(with_provider(&provider), |world| {
        let email = "ann@example.com";
        world.person("Ann", email, Role::Viewer, "en");
        provider.person("ann", json!({ "email": email, "email_verified": true }));
        let mut visitor = Visitor::new(world);
        let begun = visitor.get("/console/sign-in/oidc");
        let callback = local(&provider.authorize(begun.header_text("location"), "ann"));
        let mut other = Visitor::new(world);
        assert_eq!(other.get(&callback).status, 502, "a browser that began nothing");
        other.get("/console/sign-in/oidc");
        assert_eq!(other.get(&callback).status, 502, "a browser that began another sign-in");
        assert_eq!(
            visitor.get(&callback.replace("code=", "code=x")).status,
            502,
            "a code that the provider never gave"
        );
        let mut again = Visitor::new(world);
        let begun = again.get("/console/sign-in/oidc");
        let callback = local(&provider.authorize(begun.header_text("location"), "ann"));
        let cookies = again.cookies.clone();
        assert_eq!(again.get(&callback).status, 303);
        again.cookies = cookies;
        assert_eq!(again.get(&callback).status, 502, "a code is exchanged once");
        let denied = Visitor::new(world).get("/console/sign-in/oidc/callback?error=access_denied&state=x");
        assert_eq!(denied.status, 502);
        assert!(denied.body.contains("id=\"password\""), "another way is offered: {}", denied.body);
    });
}

#[test]
fn without_a_provider_there_is_no_such_way_and_one_that_is_down_says_so() {
    on_each_world(|world| {
        assert_eq!(Visitor::new(world).get("/console/sign-in/oidc").status, 404);
        assert!(!Visitor::new(world).read("/console/sign-in").contains("oidc"));
    });
    let down = |config: &mut Config| {
        config.sign_in.oidc_issuer = Some("http://127.0.0.1:9".to_owned());
        config.sign_in.oidc_client_id = Some("hearback".to_owned());
    };
    on_each_world_with(down, |world| {
        let answer = Visitor::new(world).get("/console/sign-in/oidc");
        assert_eq!(answer.status, 502);
        assert!(answer.body.contains("id=\"password\""), "a password still works: {}", answer.body);
    });
}

const HEADER: &str = "Remote-Email";

/// Two members, Ann and Bo.
fn members(world: &World) {
    for name in ["ann", "bo"] {
        let member = json!({ "name": name, "email": format!("{name}@example.com"), "role": "support" });
        world.done("/v1/members", member);
    }
}

#[test]
fn a_proxy_signs_in_whom_it_names() {
    let settings = [("HEARBACK_PROXY_SIGN_IN_HEADER", HEADER), ("HEARBACK_PROXY_ADDRESSES", "127.0.0.1")];
    on_each_program_with(&settings, |world| {
        members(world);
        let as_whom = |email: &str| {
            let mut visitor = Visitor::new(world);
            visitor.headers.push((HEADER.to_owned(), email.to_owned()));
            visitor
        };
        let mut ann = as_whom("Ann@example.com");
        let entered = ann.get("/console/sign-in?next=/console/account");
        assert_eq!((entered.status, entered.header_text("location")), (303, "/console/account"), "{entered:?}");
        assert!(ann.read("/console/account").contains("ann"));
        // At the proxy somebody else signs in, in the same browser.
        ann.headers = vec![(HEADER.to_owned(), "bo@example.com".to_owned())];
        let other = ann.get("/console/account");
        assert_eq!(other.status, 303, "the session of another member does not count: {other:?}");
        assert!(other.header_text("location").starts_with("/console/sign-in"), "{other:?}");
        assert_eq!(as_whom("nobody@example.com").get("/console/sign-in").status, 403);
        let mut both = as_whom("ann@example.com");
        both.headers.push((HEADER.to_owned(), "bo@example.com".to_owned()));
        assert_eq!(both.get("/console/sign-in").status, 200, "two names are none: the form is shown");
        let token = world.open("GET", "/v1/feedback").header(HEADER, "ann@example.com").send();
        assert_eq!(token.status, 401, "the API takes tokens only");
    });
}

#[test]
fn the_header_of_anybody_but_the_proxy_is_ignored() {
    let named = [("HEARBACK_PROXY_SIGN_IN_HEADER", HEADER), ("HEARBACK_PROXY_ADDRESSES", "203.0.113.9")];
    for settings in [&named[..], &[]] {
        on_each_program_with(settings, |world| {
            members(world);
            let mut visitor = Visitor::new(world);
            visitor.headers = vec![
                (HEADER.to_owned(), "ann@example.com".to_owned()),
                ("X-Forwarded-For".to_owned(), "203.0.113.9".to_owned()),
            ];
            assert_eq!(visitor.get("/console/sign-in").status, 200, "the form");
            assert_eq!(visitor.get("/console/account").status, 303);
        });
    }
}
