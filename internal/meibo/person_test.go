package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestWhoIsRemovedForGoodIsGone(t *testing.T) {
	d := newDesk(t)
	d.enlist(add("E001", "A01"), add("E002", "A01"))
	d.submit(primeSubmitter, about(meibo.Remove, "E001", meibo.ReasonDeparture), about(meibo.Remove, "E002", meibo.ReasonDeparture))
	p, _ := d.People.Get("E001")
	if p.DepartedAt != asOf {
		t.Errorf("departed at %v, want %v", p.DepartedAt, asOf)
	}
	a, _ := d.Accounts.Get("E001")
	same(t, a, meibo.Account{
		PersonID: "E001", Entry: "entryUUID:1", State: meibo.AccountGone, Cause: meibo.CauseDeparted, ChangedAt: asOf,
	})
	if _, bound := d.Accounts.Get("E002"); bound {
		t.Error("a person without an account got one by leaving")
	}
}

func TestWhoIsMovedElsewhereKeepsTheAccount(t *testing.T) {
	d := newDesk(t)
	d.enlist(add("E001", "A01"))
	d.submit(primeSubmitter, about(meibo.Remove, "E001", meibo.ReasonTransfer))
	if a, _ := d.Accounts.Get("E001"); a.State != meibo.AccountEnabled {
		t.Errorf("the account is %s, want %s", a.State, meibo.AccountEnabled)
	}
}

func TestAnAccountThatIsGoneKeepsItsCause(t *testing.T) {
	d := newDesk(t)
	gone := meibo.Account{PersonID: "E001", Entry: "entryUUID:1", State: meibo.AccountGone, Cause: "deleted", ChangedAt: asOf}
	d.Accounts.Put(gone)
	d.Depart(d.scene(primeSubmitter), []meibo.PersonID{"E001"})
	a, _ := d.Accounts.Get("E001")
	same(t, a, gone)
}

func TestWhoReturnsIsANewPersonBoundToTheSameEntry(t *testing.T) {
	d := newDesk(t)
	d.enlist(newcomer("saki", "髙﨑 咲"))
	first := d.Members(d.now)[0].PersonID
	d.submit(primeSubmitter, about(meibo.Remove, first, meibo.ReasonDeparture))
	d.enlist(newcomer("saki", "髙﨑 咲"))
	second := d.Members(d.now)[0].PersonID
	if first == second {
		t.Fatalf("%s came back as the same person", first)
	}
	was, _ := d.Accounts.Get(first)
	is, _ := d.Accounts.Get(second)
	if was.Entry != is.Entry || was.State != meibo.AccountGone || is.State != meibo.AccountEnabled {
		t.Errorf("accounts are %+v and %+v", was, is)
	}
}

func TestABookThatMeetsAPersonDoesNotWriteHim(t *testing.T) {
	d := newDesk(t)
	p := person("E100", "K1", "新人")
	d.Meet(p, &meibo.Account{PersonID: "E100", Entry: "entryUUID:100", State: meibo.AccountEnabled})
	d.Meet(person("E001", "K1", "別名"), nil)
	d.Meet(person("E101", "K1", "新人二"), nil)
	if got := d.Outcome(); len(got) != 0 {
		t.Errorf("meeting wrote %v", got)
	}
	d.enlist(add("E100", "A01"))
	met, _ := d.People.Get("E100")
	same(t, met, p)
	if old, _ := d.People.Get("E001"); old.Name != "髙﨑 真理子" {
		t.Errorf("meeting renamed %s to %s", old.ID, old.Name)
	}
	if _, bound := d.Accounts.Get("E100"); !bound {
		t.Error("the account was not met")
	}
}

func TestABookStillWritesWhomItMadeBeforeMeetingHim(t *testing.T) {
	d := newDesk(t)
	s, err := d.Submit(d.scene(primeSubmitter), "S", numbered([]meibo.Line{newcomer("saki", "髙﨑 咲")}), d.named([]meibo.Line{newcomer("saki", "髙﨑 咲")}))
	if err != nil {
		t.Fatal(err)
	}
	d.Meet(person(s.Rows[0].PersonID, "K1", "別名"), nil)
	for _, row := range d.Outcome() {
		if p, ok := row.(meibo.Person); ok && p.Name == "髙﨑 咲" {
			return
		}
	}
	t.Error("the newcomer is not written")
}

func TestAnotherUnitWaitsUntilTheFirstIsShownAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		shown []meibo.Personal
		want  meibo.Personal // that waits
		since meibo.Instant
	}{
		{"the first is the confirmed one", []meibo.Personal{"tax", "tax"}, "", 0},
		{"another one waits", []meibo.Personal{"tax", "sales"}, "sales", asOf + 1},
		{"since the first other one was shown", []meibo.Personal{"tax", "sales", "sales", "care"}, "care", asOf + 1},
		{"until the first is shown again", []meibo.Personal{"tax", "sales", "tax"}, "", 0},
		{"what is not shown is no other unit", []meibo.Personal{"tax", ""}, "", 0},
		{"nor does it say that he is back: the right to read it may be lost", []meibo.Personal{"tax", "sales", ""}, "sales", asOf + 1},
		{"the first may be shown late", []meibo.Personal{"", "sales"}, "", 0},
	} {
		var a meibo.Account
		for i, unit := range c.shown {
			a.Shows(unit, asOf+meibo.Instant(i))
		}
		if a.UnitSeen != c.want || a.TransferredAt != c.since {
			t.Errorf("%s: %q since %v", c.name, a.UnitSeen, a.TransferredAt)
		}
	}
}
