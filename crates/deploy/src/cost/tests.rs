//! Bills, against what was worked out by hand, and the budgets of the design.
use super::*;

const PARIS: &str = "eu-west-3";

fn comparison() -> Vec<Priced> {
    compare(&Deploy::default(), PARIS, &Prices::built_in().unwrap())
}

fn total(bill: &Bill) -> f64 {
    bill.total().unwrap()
}

fn named(name: &str) -> Priced {
    comparison().into_iter().find(|one| one.name == name).unwrap()
}

#[test]
fn the_seed_costs_what_was_worked_out_by_hand() {
    // 730 h × (0.0066 + 0.0132), 38 GB gp2, one address, 10 GB S3, 5 GB Glacier, requests, mails, snapshots, a zone.
    let seed = total(&named("seed").on_demand);
    assert!((seed - 23.79).abs() < 0.01, "{seed}");
}

#[test]
fn d09_the_budgets_of_the_design_hold() {
    let seed = total(&named("seed").on_demand);
    let share = |bill: &Bill| total(bill) / seed * 100.0;
    let (private, single) = (named("private"), named("single"));
    for (what, share, most) in [
        ("private, on demand", share(&private.on_demand), 60.0),
        ("private, savings plan", share(&private.savings_plan), 46.0),
        ("private, Spot", share(&private.spot), 40.0),
        ("single, on demand", share(&single.on_demand), 43.0),
        ("single, savings plan", share(&single.savings_plan), 37.0),
        ("single, Spot", share(&single.spot), 33.0),
    ] {
        assert!(share <= most, "{what}: {share:.1} % of the seed, at most {most} %");
    }
    assert!(total(&named("usual").on_demand) > 4.0 * seed);
}

#[test]
fn lines_add_up_to_the_total() {
    for one in comparison() {
        let sum: f64 = one.on_demand.lines.iter().map(|line| line.usd).sum();
        assert!((sum - total(&one.on_demand)).abs() < 1e-9, "{}", one.name);
        assert!(one.on_demand.lines.iter().all(|line| line.usd >= 0.0));
    }
}

#[test]
fn what_has_no_price_leaves_no_total() {
    let prices = Prices::built_in().unwrap();
    let settings = Deploy { edge_instance_type: Some("z9.huge".into()), ..Deploy::default() };
    let ours = &compare(&settings, PARIS, &prices)[0];
    assert_eq!(ours.on_demand.total(), None);
    assert_eq!(ours.on_demand.unknown, ["edge: z9.huge, on demand"]);
    let json = as_json(std::slice::from_ref(ours), &settings, PARIS, &prices);
    assert_eq!(json["shapes"]["private"]["total_usd"], Value::Null);
    assert!(
        table(std::slice::from_ref(ours), &settings, PARIS, &prices).contains("no price known")
    );
}

#[test]
fn traffic_is_free_up_to_the_allowance() {
    let prices = Prices::built_in().unwrap();
    let at = |traffic| {
        let settings = Deploy { expected_traffic_gb: traffic, ..Deploy::default() };
        total(&compare(&settings, PARIS, &prices)[0].on_demand)
    };
    assert!((at(0) - at(100)).abs() < 1e-9);
    assert!((at(200) - at(100) - 9.0).abs() < 1e-6);
}

#[test]
fn a_host_on_spot_is_priced_as_such() {
    let prices = Prices::built_in().unwrap();
    let settings = Deploy { spot: true, ..Deploy::default() };
    let inventory = inventory::of_settings(&settings, Shape::Private);
    let spot = bill(&inventory, &Use::of(&settings), Terms::OnDemand, PARIS, &prices);
    assert!((total(&spot) - total(&named("private").spot)).abs() < 1e-9);
}
