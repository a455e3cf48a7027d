package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// city are the rows of a small city: on C01 E001 and E002 of K1 work, E003 has
// stopped, E004 is in a change that waits, E005 has nothing to do with it.
func city() []any {
	people := func(id meibo.PersonID) meibo.Person {
		return meibo.Person{ID: id, OrganizationID: "K1", Name: hardName, LoginKey: "key of " + string(id), CreatedAt: asOf}
	}
	work := func(id string, p meibo.PersonID, ended meibo.Instant) meibo.Assignment {
		return meibo.Assignment{
			ID: meibo.AssignmentID(id), ContractID: "C01", PersonID: p, EmployerID: "K1", Employment: meibo.Regular,
			Starts: "2026-04-01", Ends: "2027-03-31", EndedAt: ended, CreatedAt: asOf,
		}
	}
	right := func(id, of string, p meibo.PersonID, until int, ended meibo.Instant) meibo.Right {
		return meibo.Right{
			ID: meibo.RightID(id), AssignmentID: meibo.AssignmentID(of), ContractID: "C01", PersonID: p, AssetID: "A01", Action: "view",
			Purpose: "U.TAX", Starts: "2026-04-01", Ends: "2027-03-31", ListedFrom: 1, ListedUntil: until, EndedAt: ended, CreatedAt: asOf,
		}
	}
	return []any{
		meibo.Organization{ID: "G0", Kind: meibo.City, Name: "架空市"}, meibo.Organization{ID: "K1", Kind: meibo.Contractor}, meibo.Organization{ID: "S1", Kind: meibo.Contractor},
		meibo.Asset{ID: "A01", Importance: 1, State: meibo.AssetActive}, meibo.Asset{ID: "A02", State: meibo.AssetActive},
		meibo.Purpose{Code: "U"}, meibo.Purpose{Code: "U.TAX"}, meibo.Purpose{Code: "U_TAX"}, meibo.Purpose{Code: "UXTAX.SUB"},
		meibo.Contract{ID: "C01", PrimeID: "K1", Starts: "2026-04-01", Ends: "2027-03-31", State: meibo.ContractActive, RenewalOf: "C00"},
		meibo.Contract{ID: "C00", PrimeID: "K1", Starts: "2025-04-01", Ends: "2026-03-31", State: meibo.ContractActive},
		meibo.Subcontract{ID: "SC2", ContractID: "C01", ParentID: "K1", OrganizationID: "S1", Depth: 1, Starts: "2026-10-01", Ends: "2027-03-31"},
		meibo.Subcontract{ID: "SC1", ContractID: "C01", ParentID: "K1", OrganizationID: "S1", Depth: 1, Starts: "2026-04-01", Ends: "2026-09-30"},
		meibo.Subcontract{ID: "SC0", ContractID: "C00", ParentID: "K1", OrganizationID: "S1", Depth: 1, Starts: "2025-04-01", Ends: "2026-03-31"},
		meibo.PledgeTemplate{ID: "T-A", Version: 2, Variant: meibo.VariantGeneral, ValidFrom: "2026-04-01", Resign: meibo.ResignNone},
		meibo.PledgeTemplate{ID: "T-A", Version: 1, Variant: meibo.VariantGeneral, ValidFrom: "2025-04-01", Resign: meibo.ResignNone},
		meibo.System{ID: "P01", Answers: meibo.AnswersNone},
		people("E001"), people("E002"), people("E003"), people("E004"), people("E005"),
		meibo.Account{PersonID: "E001", Entry: "entryUUID:1", State: meibo.AccountEnabled, ChangedAt: asOf},
		meibo.Account{PersonID: "E005", Entry: "entryUUID:5", State: meibo.AccountEnabled, ChangedAt: asOf},
		meibo.Change{ID: "ch1", ContractID: "C01", OrganizationID: "K1", SubmittedAt: asOf, State: meibo.ChangeAccepted, DecidedAt: asOf, Version: 1},
		meibo.Change{ID: "ch2", ContractID: "C01", OrganizationID: "K1", SubmittedAt: asOf + 1, State: meibo.ChangeSubmitted},
		meibo.Line{ChangeID: "ch1", Row: 1, Operation: meibo.Add, ContractID: "C01", PersonID: "E001", EmployerID: "K1"},
		meibo.Line{ChangeID: "ch2", Row: 2, Operation: meibo.Suspend, ContractID: "C01", PersonID: "E002"},
		meibo.Line{ChangeID: "ch2", Row: 1, Operation: meibo.Add, ContractID: "C01", PersonID: "E004", EmployerID: "S1"},
		meibo.Approval{ChangeID: "ch1", OrganizationID: "K1", ClientID: "cl1", At: asOf}, meibo.Approval{ChangeID: "ch2", OrganizationID: "S1", ClientID: "cl2", At: asOf},
		work("as1", "E001", 0), work("as2", "E002", 0), work("as3", "E003", asOf+1), work("as3b", "E003", asOf+2),
		right("r1", "as1", "E001", 0, 0), right("r2", "as1", "E001", 2, 0), right("r3", "as1", "E001", 2, asOf), right("r4", "as1", "E001", 0, asOf),
		meibo.Pledge{ID: "pl2", PersonID: "E001", ContractID: "C01", EmployerID: "K1", TemplateID: "T-A", TemplateVersion: 2, State: meibo.PledgeRequested, Covers: meibo.CoversContract, RequestedAt: asOf + 1},
		meibo.Pledge{ID: "pl1", PersonID: "E001", ContractID: "C00", EmployerID: "K1", TemplateID: "T-A", TemplateVersion: 1, State: meibo.PledgeValid, Covers: meibo.CoversRenewals, RequestedAt: asOf, ValidFrom: asOf},
		roster(1, "", `{"members":[{"number":1,"person":"E001","name":"`+hardName+`"}]}`),
		roster(2, "h", `{"members":[{"number":1,"person":"E002","name":"`+harderNameJSON+`"}]}`),
		meibo.Notice{ID: "n2", ContractID: "C01", Number: 2, Kind: meibo.NoticeRoster, OrganizationID: "G0", Version: 2, State: meibo.NoticeQueued, CreatedAt: asOf + 1},
		meibo.Notice{ID: "n1", ContractID: "C01", Number: 1, Kind: meibo.NoticeRoster, OrganizationID: "G0", Version: 1, State: meibo.NoticeNotified, NotifiedAt: asOf, CreatedAt: asOf},
		meibo.Notice{ID: "n3", ContractID: "C01", Number: 1, Kind: meibo.NoticeReturned, OrganizationID: "K1", Version: 1, State: meibo.NoticeSending, CreatedAt: asOf + 2},
		meibo.Acknowledgement{ID: "a1", ContractID: "C01", Version: 1, Verdict: meibo.Acknowledged, At: asOf + 5},
		meibo.Client{ID: "cl1", OrganizationID: "K1", CreatedAt: asOf}, meibo.Client{ID: "cl2", OrganizationID: "G0", CreatedAt: asOf},
		meibo.Grant{ClientID: "cl1", Role: meibo.RoleSubmitter, OrganizationID: "K1", ContractID: "*", CreatedAt: asOf},
		meibo.Key{ID: "k1", ClientID: "cl1", Hash: "h", CreatedAt: asOf, ExpiresAt: asOf}, meibo.Key{ID: "k2", ClientID: "cl1", Hash: "h2", CreatedAt: asOf + 1, ExpiresAt: asOf},
		meibo.Reading{ID: "rd1", At: asOf + 1, Outcome: meibo.ReadingApplied}, meibo.Reading{ID: "rd2", At: asOf, Outcome: meibo.ReadingNothing},
	}
}

const harderNameJSON = "葛\U000E0101西　朗"

func inhabited(t *testing.T, url string) *store.DB {
	t.Helper()
	db := begun(t, url)
	must(t, record(db, city()...))
	return db
}

// ids are what rows are called.
func ids[R any](rows []R, name func(R) string) []string {
	var list []string
	for _, r := range rows {
		list = append(list, name(r))
	}
	return list
}

func same[T any](t *testing.T, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestABookHoldsWhatDecisionsOnAContractNeed(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := inhabited(t, url)
		view(t, db, func(r *store.Reader) error {
			b, err := r.Book("C01", "E005")
			if err != nil {
				return err
			}
			same(t, [3]any{b.Contract.ID, b.City.ID, b.Contract.RenewalOf}, [3]any{meibo.ContractID("C01"), meibo.OrganizationID("G0"), meibo.ContractID("C00")})
			person := func(p meibo.Person) string { return string(p.ID) }
			right := func(r meibo.Right) string { return string(r.ID) }
			same(t, len(b.Organizations.All()), 3)
			same(t, [2]int{len(b.Assets.All()), len(b.Purposes.All())}, [2]int{2, 4})
			same(t, ids(b.Subcontracts, func(s meibo.Subcontract) string { return string(s.ID) }), []string{"SC1", "SC2"})
			same(t, ids(b.Templates, func(p meibo.PledgeTemplate) string { return fmt.Sprint(p.ID, p.Version) }), []string{"T-A1", "T-A2"})
			same(t, len(ids(b.People.All(), person)), 5)
			same(t, ids(b.Assignments.All(), func(a meibo.Assignment) string { return string(a.ID) }), []string{"as1", "as2", "as3", "as3b"})
			same(t, ids(b.Rights.All(), right), []string{"r1", "r2", "r4"}) // r3 ended, and no version lists it any more
			same(t, ids(b.Changes.All(), func(c meibo.Change) string { return string(c.ID) }), []string{"ch1", "ch2"})
			same(t, ids(b.Lines.All(), func(l meibo.Line) string { return fmt.Sprint(l.ChangeID, l.Row) }), []string{"ch21", "ch22"})
			same(t, ids(b.Approvals.All(), func(a meibo.Approval) string { return string(a.ClientID) }), []string{"cl2"})
			same(t, ids(b.Pledges.All(), func(p meibo.Pledge) string { return string(p.ID) }), []string{"pl1", "pl2"})
			same(t, ids(b.Rosters.All(), func(r meibo.Roster) string { return fmt.Sprint(r.Version, r.Document) }), []string{"1", "2"})
			same(t, ids(b.Newest, func(m meibo.Member) string { return string(m.PersonID) + string(m.Name) }), []string{"E002" + harderNameJSON})
			same(t, len(b.Notices.All()), 3)
			same(t, len(b.Acknowledgement.All()), 1)
			same(t, len(b.Outcome()), 0)
			if p, _ := b.People.Get("E001"); p.Name != hardName {
				t.Errorf("E001 is %q", p.Name)
			}
			return nil
		})
		view(t, db, func(r *store.Reader) error {
			b, err := r.Book("C01")
			if _, known := b.People.Get("E005"); known {
				t.Error("a book knows somebody who has nothing to do with it")
			}
			if _, known := b.Accounts.Get("E005"); known {
				t.Error("a book knows the account of somebody who has nothing to do with it")
			}
			if _, err := r.Book("C99"); !errors.Is(err, meibo.ErrNotFound) {
				t.Errorf("a book of nothing: %v", err)
			}
			return err
		})
	})
}

func TestADossierHoldsWhatAQuestionCanReach(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := inhabited(t, url)
		view(t, db, func(r *store.Reader) error {
			list, err := r.Dossiers([]meibo.PersonID{"E004", "E001", "E999", "e001", "E003"})
			if err != nil {
				return err
			}
			same(t, ids(list, func(d meibo.Dossier) string { return string(d.Person.ID) }), []string{"E001", "E003", "E004"})
			d := list[0]
			if d.Account == nil || len(d.Assignments) != 1 {
				t.Fatalf("got %+v", d)
			}
			same(t, [2]any{d.Assignments[0].ID, d.Person.Name}, [2]any{meibo.AssignmentID("as1"), meibo.Personal(hardName)})
			same(t, ids(d.Rights, func(r meibo.Right) string { return string(r.ID) }), []string{"r1", "r2"})
			same(t, ids(d.Pledges, func(p meibo.Pledge) string { return string(p.ID) }), []string{"pl1", "pl2"})
			same(t, list[1].Assignments[0].ID, meibo.AssignmentID("as3b")) // of those that ended, the one that ended last
			if d := list[2]; len(d.Assignments) != 0 || len(d.Drafted) != 1 || d.Drafted[0] != "C01" || d.Account != nil {
				t.Errorf("somebody in a draft stands so: %+v", d)
			}
			none, err := r.Dossiers(nil)
			same(t, len(none), 0)
			return err
		})
	})
}

func TestWhoIsFoundByWhat(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := inhabited(t, url)
		view(t, db, func(r *store.Reader) error {
			person := func(p meibo.Person) string { return string(p.ID) }
			people, err := r.People([]meibo.PersonID{"E001", "E003", "E999"})
			same(t, len(people), 2)
			nobody, err2 := r.People(nil)
			same(t, len(nobody), 0)
			byLogin, err3 := r.PersonByLogin("key of E001")
			if byLogin == nil || byLogin.ID != "E001" {
				t.Errorf("the login names %+v", byLogin)
			}
			none, err4 := r.PersonByLogin("another")
			if none != nil {
				t.Errorf("another login names %+v", none)
			}
			unbound, err5 := r.Unbound()
			same(t, len(ids(unbound, person)), 3)
			accounts, err6 := r.Accounts()
			same(t, len(accounts), 2)
			running, err7 := r.RunningOf([]meibo.PersonID{"E001", "E003"})
			same(t, ids(running, func(a meibo.Assignment) string { return string(a.ID) }), []string{"as1"})
			nothing, err8 := r.RunningOf(nil)
			same(t, len(nothing), 0)
			return errors.Join(err, err2, err3, err4, err5, err6, err7, err8)
		})
		gone := meibo.Person{ID: "E001", OrganizationID: "K1", LoginKey: "key of E001", CreatedAt: asOf, DepartedAt: asOf}
		must(t, record(db, gone, meibo.Account{PersonID: "E001", Entry: "entryUUID:1", State: meibo.AccountGone, ChangedAt: asOf}))
		must(t, record(db, meibo.Person{ID: "E006", OrganizationID: "K1", LoginKey: "key of E001", CreatedAt: asOf}))
		view(t, db, func(r *store.Reader) error {
			now, err := r.PersonByLogin("key of E001")
			if now == nil || now.ID != "E006" {
				t.Errorf("after the departure the login names %+v", now)
			}
			accounts, _ := r.Accounts()
			same(t, len(accounts), 1)
			a, _ := r.Account("E001")
			if a == nil || a.State != meibo.AccountGone {
				t.Errorf("the account of who left is %+v", a)
			}
			return err
		})
	})
}

func TestACallerIsReadWithEverythingHeMay(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		view(t, inhabited(t, url), func(r *store.Reader) error {
			key, client, grants, err := r.Credentials("k1")
			same(t, [4]any{key.Hash, client.ID, len(grants), grants[0].Role}, [4]any{"h", meibo.ClientID("cl1"), 1, meibo.RoleSubmitter})
			if _, _, _, err := r.Credentials("k9"); !errors.Is(err, meibo.ErrNotFound) {
				t.Errorf("an unknown key: %v", err)
			}
			clients, allGrants, keys, err2 := r.Clients()
			same(t, [3]int{len(clients), len(allGrants), len(keys)}, [3]int{2, 1, 2})
			of, err3 := r.KeysOf("cl1")
			same(t, len(of), 2)
			c, err4 := r.Client("cl2")
			none, err5 := r.Client("cl9")
			if c == nil || c.OrganizationID != "G0" || none != nil {
				t.Errorf("clients are %+v and %+v", c, none)
			}
			return errors.Join(err, err2, err3, err4, err5)
		})
	})
}

func TestListsComeInTheirOrder(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		view(t, inhabited(t, url), func(r *store.Reader) error {
			notice := func(n meibo.Notice) string { return string(n.ID) }
			change := func(c meibo.Change) string { return string(c.ID) }
			contracts, err1 := r.Contracts()
			same(t, ids(contracts, func(c meibo.Contract) string { return string(c.ID) }), []string{"C00", "C01"})
			consents, err2 := r.Subcontracts()
			same(t, ids(consents, func(s meibo.Subcontract) string { return string(s.ID) }), []string{"SC0", "SC1", "SC2"})
			changes, err3 := r.Changes("C01")
			same(t, ids(changes, change), []string{"ch2", "ch1"})
			lines, err4 := r.LinesOf("ch2")
			same(t, ids(lines, func(l meibo.Line) string { return fmt.Sprint(l.Row) }), []string{"1", "2"})
			approvals, err5 := r.ApprovalsOf("ch1")
			same(t, len(approvals), 1)
			pledges, err6 := r.Pledges("C01")
			same(t, ids(pledges, func(p meibo.Pledge) string { return string(p.ID) }), []string{"pl2"})
			notices, err7 := r.Notices("C01")
			same(t, ids(notices, notice), []string{"n1", "n2", "n3"})
			every, err8 := r.Notices("")
			same(t, len(every), 3)
			owed, err9 := r.OpenNotices()
			same(t, ids(owed, notice), []string{"n2", "n3"})
			answers, err10 := r.Answers("C01")
			same(t, len(answers), 1)
			last, err11 := r.LastReading()
			same(t, last.ID, "rd1")
			rosters, err12 := r.Rosters("C01")
			same(t, ids(rosters, func(r meibo.Roster) string { return fmt.Sprint(r.Version, len(r.Document)) }), []string{"1 0", "2 0"})
			one, err13 := r.Roster("C01", 2)
			same(t, one.Document != "", true)
			if _, err := r.Roster("C01", 3); !errors.Is(err, meibo.ErrNotFound) {
				t.Errorf("a version that is not there: %v", err)
			}
			systems, err14 := r.Systems()
			same(t, len(systems), 1)
			return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11, err12, err13, err14)
		})
	})
}

func TestBeforeAnythingWasRegisteredThereIsNothing(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		view(t, open(t, url), func(r *store.Reader) error {
			if _, err := r.City(); !errors.Is(err, meibo.ErrNotFound) {
				t.Errorf("the city is %v", err)
			}
			if _, _, err := r.Revision(); !errors.Is(err, meibo.ErrNotFound) {
				t.Errorf("the revision is %v", err)
			}
			size, head, err := r.Head()
			if size != 0 || head != "" || err != nil {
				t.Errorf("the head is %d, %q, %v", size, head, err)
			}
			last, err := r.LastReading()
			if last != nil || err != nil {
				t.Errorf("the last reading is %+v, %v", last, err)
			}
			records, err := r.Entries(0, 10)
			same(t, len(records), 0)
			return err
		})
	})
}

func TestTheClockIsReadOnceATransaction(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		before := db.Now()
		var in, later meibo.Instant
		must(t, db.Update(context.Background(), func(tx *store.Tx) error {
			in = tx.Now
			e, err := tx.Record(meibo.Entry{Act: meibo.ActApply}, nil)
			later = e.At
			return err
		}))
		if in != later || in != before+1e6 {
			t.Errorf("it was %v before, %v at the beginning and %v in the entry", before, in, later)
		}
	})
}
