package meibo_test

import (
	"errors"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestPledgesAreKeptForYearsAfterAFiscalYear(t *testing.T) {
	for _, c := range []struct {
		ends  meibo.Date
		years int
		want  meibo.Date
	}{
		{"2027-03-31", 0, "2037-03-31"}, {"2027-04-01", 0, "2038-03-31"}, {"2026-12-31", 0, "2037-03-31"},
		{"2027-01-01", 5, "2032-03-31"}, {"2026-10-15", 1, "2028-03-31"}, {"9990-12-31", 0, "9999-03-31"},
	} {
		if got := (meibo.CityParameters{PledgeYears: c.years}).PledgesKept(c.ends); got != c.want {
			t.Errorf("what ends on %s is kept %d years, until %s, want %s", c.ends, c.years, got, c.want)
		}
	}
}

func TestWhatMayBeDisposedOf(t *testing.T) {
	old := meibo.Contract{ID: "C01", Starts: "2026-04-01", Ends: "2027-03-31", State: meibo.ContractActive}
	next := meibo.Contract{ID: "C11", Starts: "2027-04-01", Ends: "2028-03-31", RenewalOf: "C01", State: meibo.ContractActive}
	stopped := old
	stopped.State, stopped.TerminatedAt = meibo.ContractTerminated, meibo.Date("2026-03-01").Start()
	p := meibo.Pledge{ID: "P1", PersonID: "E001", ContractID: "C01", State: meibo.PledgeValid, Covers: meibo.CoversContract}
	renewed, gone := p, p
	renewed.Covers, gone.State = meibo.CoversRenewals, meibo.PledgeDisposed
	legal := meibo.Hold{Kind: meibo.HoldLegal, PersonID: "E001"}
	for _, c := range []struct {
		name  string
		p     meibo.Pledge
		of    meibo.Contract
		holds []meibo.Hold
		today meibo.Date
		want  bool
	}{
		{"on the last day of keeping", p, old, nil, "2037-03-31", false},
		{"the day after", p, old, nil, "2037-04-01", true},
		{"one that speaks for the contract that renewed its own", renewed, old, nil, "2037-04-01", false},
		{"when that one's time is over, too", renewed, old, nil, "2038-04-01", true},
		{"a contract that was ended early", p, stopped, nil, "2036-04-01", true},
		{"under a legal hold on the person", p, old, []meibo.Hold{legal}, "2037-04-01", false},
		{"under one on another contract", p, old, []meibo.Hold{{Kind: meibo.HoldLegal, ContractID: "C02"}}, "2037-04-01", true},
		{"under one that was lifted", p, old, []meibo.Hold{{Kind: meibo.HoldLegal, PersonID: "E001", LiftedAt: 1}}, "2037-04-01", true},
		{"during an incident", p, old, []meibo.Hold{{Kind: meibo.HoldIncident, PersonID: "E001"}}, "2037-04-01", true},
		{"again", gone, old, nil, "2037-04-01", false},
	} {
		if got := c.p.Disposable([]meibo.Contract{c.of, next}, c.holds, meibo.CityParameters{}, c.today); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestNobodyDisposesAlone(t *testing.T) {
	d := meibo.Disposal{ID: "D1", State: meibo.DisposalProposed, ProposedBy: "city-1", ProposerID: "E900"}
	for _, c := range []struct {
		name    string
		client  meibo.Client
		approve bool
		want    meibo.DisposalState
		kind    error
	}{
		{"who proposed it", meibo.Client{ID: "city-1"}, true, "", meibo.ErrForbidden},
		{"the same person at another client", meibo.Client{ID: "city-2", PersonID: "E900"}, true, "", meibo.ErrForbidden},
		{"somebody else", meibo.Client{ID: "city-2"}, true, meibo.DisposalApproved, nil},
		{"who proposed it takes it back", meibo.Client{ID: "city-1"}, false, meibo.DisposalRejected, nil},
	} {
		got, err := d.Decide(meibo.Scene{Caller: meibo.Caller{Client: c.client}, Now: 7}, c.approve)
		if !errors.Is(err, c.kind) || c.kind == nil && got.State != c.want {
			t.Errorf("%s: %s, %v", c.name, got.State, err)
		}
		if _, err := got.Decide(meibo.Scene{}, false); c.kind == nil && !errors.Is(err, meibo.ErrConflict) {
			t.Errorf("%s, and again: %v", c.name, err)
		}
	}
}

func TestRostersAreKeptAsLongAsTheirContract(t *testing.T) {
	c := meibo.Contract{ID: "C01", Starts: "2026-04-01", Ends: "2027-03-31", State: meibo.ContractActive}
	legal := func(h meibo.Hold) []meibo.Hold { h.Kind = meibo.HoldLegal; return []meibo.Hold{h} }
	for _, x := range []struct {
		name  string
		holds []meibo.Hold
		today meibo.Date
		want  bool
	}{
		{"on the last day of keeping", nil, "2037-03-31", false},
		{"the day after", nil, "2037-04-01", true},
		{"under a legal hold on the contract", legal(meibo.Hold{ContractID: "C01"}), "2037-04-01", false},
		{"under one on somebody who is on them", legal(meibo.Hold{PersonID: "E001"}), "2037-04-01", false},
		{"under one on somebody who is not", legal(meibo.Hold{PersonID: "E009"}), "2037-04-01", true},
		{"under one on his work on another contract", legal(meibo.Hold{PersonID: "E001", ContractID: "C02"}), "2037-04-01", true},
		{"under one on an asset", legal(meibo.Hold{AssetID: "A01"}), "2037-04-01", false},
		{"under one that was lifted", legal(meibo.Hold{ContractID: "C01", LiftedAt: 1}), "2037-04-01", true},
		{"during an incident", []meibo.Hold{{Kind: meibo.HoldIncident, ContractID: "C01"}}, "2037-04-01", true},
	} {
		if got := c.RostersDisposable([]meibo.PersonID{"E001"}, x.holds, meibo.CityParameters{}, x.today); got != x.want {
			t.Errorf("%s: %v", x.name, got)
		}
	}
}

func TestWhoNeedNotBeKnown(t *testing.T) {
	old := meibo.Contract{ID: "C01", Starts: "2026-04-01", Ends: "2027-03-31", State: meibo.ContractActive}
	next := meibo.Contract{ID: "C11", Starts: "2027-04-01", Ends: "2028-03-31", RenewalOf: "C01", State: meibo.ContractActive}
	p := meibo.Pledge{ID: "P1", PersonID: "E001", ContractID: "C01", State: meibo.PledgeValid, Covers: meibo.CoversContract}
	renewed := p
	renewed.Covers = meibo.CoversRenewals
	for _, c := range []struct {
		name  string
		alter func(*meibo.Trace)
		holds []meibo.Hold
		want  bool
	}{
		{"somebody of a contract that is not kept", func(*meibo.Trace) {}, nil, true},
		{"of another one that is kept", func(x *meibo.Trace) { x.Contracts = append(x.Contracts, next) }, nil, false},
		{"whose pledge speaks for one that is kept", func(x *meibo.Trace) { x.Pledges[0] = renewed }, nil, false},
		{"whose pledge was disposed of", func(x *meibo.Trace) { x.Pledges[0] = renewed; x.Pledges[0].State = meibo.PledgeDisposed }, nil, true},
		{"who calls the service", func(x *meibo.Trace) { x.Calls = true }, nil, false},
		{"who is forgotten already", func(x *meibo.Trace) { x.Person.DisposedAt = 1 }, nil, false},
		{"under a legal hold", func(*meibo.Trace) {}, []meibo.Hold{{Kind: meibo.HoldLegal, PersonID: "E001"}}, false},
		{"of a contract under one", func(*meibo.Trace) {}, []meibo.Hold{{Kind: meibo.HoldLegal, ContractID: "C01"}}, false},
		{"beside one on somebody else", func(*meibo.Trace) {}, []meibo.Hold{{Kind: meibo.HoldLegal, PersonID: "E002"}}, true},
	} {
		x := meibo.Trace{Person: meibo.Person{ID: "E001"}, Contracts: []meibo.Contract{old}, Pledges: []meibo.Pledge{p}}
		c.alter(&x)
		if got := x.Disposable([]meibo.Contract{old, next}, c.holds, meibo.CityParameters{}, "2037-04-01"); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestWhatStaysOfAPerson(t *testing.T) {
	p := meibo.Person{
		ID: "E001", OrganizationID: "K1", Login: "e001", LoginKey: "key", Name: "髙﨑", Kana: "タカサキ", Latin: "T", Alias: "A", FormerName: "F",
		RenamedOn: "2026-09-01", Adult: true, CreatedAt: 1,
	}
	same(t, p.Disposed(9), meibo.Person{ID: "E001", OrganizationID: "K1", LoginKey: "disposed:E001", Adult: true, CreatedAt: 1, DepartedAt: 9, DisposedAt: 9})
	a := meibo.Account{
		PersonID: "E001", Entry: "entryUUID:1", State: meibo.AccountEnabled, Base: "o=K1", Employers: meibo.Pack([]meibo.OrganizationID{"K1"}), EmployersAt: 2,
		Unit: "U", UnitSeen: "V", TransferredAt: 3, DoubtedAt: 4, HoldID: "h",
	}
	same(t, a.Disposed(9), meibo.Account{PersonID: "E001", Entry: "disposed:E001", State: meibo.AccountGone, Cause: meibo.CauseDeparted, ChangedAt: 9})
}
