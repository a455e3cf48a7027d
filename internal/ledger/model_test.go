package ledger_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// few keeps a state machine short, unless the command line asks for more.
func few(n int) {
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		flag.Set("rapid.checks", strconv.Itoa(n))
	}
}

// A world is the ledger beside a model of it that fits a page: of each person
// what is true of him, of each right in which versions it stands, of each version
// whether the city knows it.
type world struct {
	*meibotest.City
	t         *rapid.T
	directory map[string]meibo.Account // by login
	people    []*worker
	rights    []*modelRight
	versions  []*modelVersion
	waiting   []waiting
	suspended bool // the contract
	revoked   bool // the consent to S1
	allowed   int  // how often anything was allowed
}

type worker struct {
	login    string
	employer meibo.OrganizationID
	id       meibo.PersonID
	working  bool
	halted   bool // suspended
	pledged  bool
	gone     bool
}

type modelRight struct {
	who      *worker
	action   meibo.Action
	until    meibo.Date
	from, to int // versions: first that contains it, first that does not; 0: none yet
	returned bool
	ended    bool
}

type modelVersion struct{ notified, acknowledged, returned bool }

type waiting struct {
	change meibo.ChangeID
	who    *worker
	resume bool
	action meibo.Action
	until  meibo.Date
}

// expected is the model's verdict: everything that must hold, and nothing else.
func (w *world) expected(p *worker, action meibo.Action, purpose meibo.PurposeCode) bool {
	account := w.directory[p.login]
	day := w.Clock.Now().Day()
	switch {
	case purpose != meibotest.Purpose, w.suspended, day > "2027-03-31":
		return false
	case p.employer == "S1" && w.revoked:
		return false
	case !p.working || p.halted || !p.pledged || p.gone || account.State != meibo.AccountEnabled:
		return false
	}
	return slices.ContainsFunc(w.rights, func(r *modelRight) bool {
		return r.who == p && r.action == action && !r.ended && !r.returned && day <= r.until && w.told(r)
	})
}

// told: the city was notified of a version that contains the right, and did not
// send it back whole.
func (w *world) told(r *modelRight) bool {
	for i, v := range w.versions {
		if version := i + 1; r.from > 0 && version >= r.from && (r.to == 0 || version < r.to) && (v.notified || v.acknowledged) && !v.returned {
			return true
		}
	}
	return false
}

func TestNoAllowWithoutEveryReason(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		postgres := strings.Contains(url, "://")
		few(4)
		if postgres {
			few(2)
		}
		allowed, asked := 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			url := url
			if postgres {
				url = meibotest.Postgres(t)
			} else {
				url = meibotest.SQLite(t)
			}
			w := newWorld(t, rt, url)
			defer w.Ledger.Close()
			w.hire(w.people[0])
			w.hire(w.people[2])
			actions := w.actions()
			actions[""] = func(rt *rapid.T) {
				w.t = rt
				asked += w.compare()
			}
			rt.Repeat(actions)
			allowed += w.allowed
		})
		t.Logf("%d questions, %d allowed", asked, allowed)
		if allowed == 0 {
			t.Error("nothing was ever allowed: the model proves nothing")
		}
	})
}

func newWorld(t *testing.T, rt *rapid.T, url string) *world {
	w := &world{t: rt, directory: map[string]meibo.Account{}}
	for i, employer := range []meibo.OrganizationID{"K1", "K1", "S1"} {
		login := fmt.Sprintf("p%d", i)
		w.people = append(w.people, &worker{login: login, employer: employer})
		w.directory[login] = meibo.Account{Entry: "entryUUID:" + login, State: meibo.AccountEnabled}
	}
	w.City = meibotest.NewCity(t, url, &ledger.Directory{
		Find: func(_ context.Context, _, login string) ([]meibo.Account, error) {
			if a, ok := w.directory[login]; ok {
				return []meibo.Account{a}, nil
			}
			return nil, nil
		},
	})
	return w
}

// hire puts somebody to work, so that there is something to lose from the first
// step on.
func (w *world) hire(p *worker) {
	line := meibotest.Line(p.login)
	line.EmployerID, line.Purpose, line.Action = p.employer, meibotest.Purpose, "view"
	done, ok := w.submit(p, line)
	if !ok {
		w.t.Fatal("not hired")
	}
	p.id = done.Rows[0].PersonID
	w.waiting = []waiting{{change: done.Changes[0].ID, who: p, action: line.Action, until: line.Ends}}
	w.approveOne(0)
	w.sign(p)
	w.Notify()
	for _, v := range w.versions {
		v.notified = true
	}
}

// compare asks about everybody, in every way that the model knows.
func (w *world) compare() (asked int) {
	for _, p := range w.people {
		if p.id == "" {
			continue
		}
		if diff, err := w.Ledger.Differs(context.Background(), w.System, []meibo.Question{meibotest.Question(p.id)}); err != nil || diff != "" {
			w.t.Fatal(diff, err)
		}
		other := meibotest.Question(p.id)
		other.Purpose = rapid.SampledFrom([]meibo.PurposeCode{"U.TAX.RES.ASSESS.VERIFY", "Z.CURIOUS", ""}).Draw(w.t, "other purpose")
		printing := meibotest.Question(p.id)
		printing.Action = "print"
		for _, q := range []meibo.Question{meibotest.Question(p.id), printing, other} {
			d, err := w.Ledger.Check(context.Background(), w.System, q)
			if err != nil {
				w.t.Fatal(err)
			}
			asked++
			if want := w.expected(p, q.Action, q.Purpose); d.Allowed != want {
				w.t.Fatalf("%s, %s for %q: allowed %v with %v, the model says %v", p.login, q.Action, q.Purpose, d.Allowed, d.Codes, want)
			}
			if d.Allowed {
				w.allowed++
			}
		}
	}
	return asked
}

func (w *world) actions() map[string]func(*rapid.T) {
	steps := map[string]func(){
		"add": w.add, "add more": w.add, "approve": w.approve, "approve more": w.approve, "send more": w.send, "withdraw": w.withdraw, "remove": w.remove, "suspend": w.suspend, "resume": w.resume,
		"pledge": w.pledge, "send": w.send, "bounce": w.bounce, "answer": w.answer, "disable": w.disable, "leave": w.leave,
		"contract": w.contract, "consent": w.consent, "time": w.time,
	}
	actions := map[string]func(*rapid.T){}
	for name, step := range steps {
		actions[name] = func(rt *rapid.T) {
			w.t = rt
			step()
		}
	}
	return actions
}

func (w *world) somebody() *worker { return rapid.SampledFrom(w.people).Draw(w.t, "who") }

// submit submits a line as the person's employer; what is refused changes nothing.
func (w *world) submit(p *worker, line meibo.Line) (ledger.Submitted, bool) {
	line.Row = 1
	by := w.Submitter
	if p.employer == "S1" {
		by = w.Sub
	}
	done, err := w.Ledger.Submit(context.Background(), by, w.Key(), []meibo.Line{line})
	return done, err == nil
}

func (w *world) add() {
	p := w.somebody()
	line := meibotest.Line(p.login)
	line.EmployerID, line.Employment = p.employer, meibo.Regular
	line.Action = rapid.SampledFrom([]meibo.Action{"view", "print"}).Draw(w.t, "action")
	line.Purpose = meibotest.Purpose
	line.Ends = rapid.SampledFrom([]meibo.Date{"2026-10-20", "2027-03-31"}).Draw(w.t, "until")
	done, ok := w.submit(p, line)
	if !ok {
		return
	}
	p.id = done.Rows[0].PersonID
	w.waiting = append(w.waiting, waiting{change: done.Changes[0].ID, who: p, action: line.Action, until: line.Ends})
}

// approve gives every yes that a change needs; the version that it cuts holds it.
func (w *world) approve() {
	if len(w.waiting) == 0 {
		return
	}
	w.approveOne(rapid.IntRange(0, len(w.waiting)-1).Draw(w.t, "change"))
}

func (w *world) approveOne(i int) {
	c := w.waiting[i]
	leads := []meibo.Caller{w.Approver}
	if c.who.employer == "S1" {
		leads = []meibo.Caller{w.SubApprover, w.Approver}
	}
	for _, lead := range leads {
		done, err := w.Ledger.Approve(context.Background(), lead, w.Key(), c.change)
		if err != nil {
			return // the roster moved on: the change stays as it is
		}
		if done.State != meibo.ChangeAccepted {
			continue
		}
		w.waiting = slices.Delete(w.waiting, i, i+1)
		if c.resume {
			c.who.halted = false
		} else {
			w.granted(c)
		}
	}
	w.cut()
}

// granted: a right of the same kind that the city returned, or that has run out,
// makes room.
func (w *world) granted(c waiting) {
	if !c.who.working {
		c.who.working, c.who.halted = true, false
	}
	for _, r := range w.rights {
		if r.who == c.who && r.action == c.action && r.returned {
			r.ended = true
		}
	}
	w.rights = append(w.rights, &modelRight{who: c.who, action: c.action, until: c.until})
}

// cut follows the roster: what stands in the newest version according to the
// ledger's own document.
func (w *world) cut() {
	list, err := w.Ledger.Rosters(context.Background(), w.Receiver, "C01")
	if err != nil {
		w.t.Fatal(err)
	}
	for len(w.versions) < len(list) {
		w.versions = append(w.versions, &modelVersion{})
		version := len(w.versions)
		v, err := w.Ledger.Roster(context.Background(), w.Receiver, "C01", version)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range w.rights {
			in := w.stands(v.Content, r)
			if in && r.from == 0 {
				r.from = version
			}
			if !in && r.from > 0 && r.to == 0 {
				r.to = version
			}
		}
	}
}

// stands: a person's right is in a document when it lists him with exactly that.
func (w *world) stands(d meibo.RosterDocument, r *modelRight) bool {
	if r.ended || r.returned || !r.who.working {
		return false
	}
	for _, m := range d.Members {
		if m.PersonID != r.who.id {
			continue
		}
		for _, right := range m.Rights {
			if right.Action == r.action && right.Until == r.until {
				return true
			}
		}
	}
	return false
}

func (w *world) withdraw() {
	if len(w.waiting) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.waiting)-1).Draw(w.t, "change")
	by := w.Submitter
	if w.waiting[i].who.employer == "S1" {
		by = w.Sub
	}
	if _, err := w.Ledger.Withdraw(context.Background(), by, w.Key(), w.waiting[i].change); err != nil {
		w.t.Fatal(err)
	}
	w.waiting = slices.Delete(w.waiting, i, i+1)
}

func (w *world) about(p *worker, o meibo.Operation, why meibo.Reason) meibo.Line {
	return meibo.Line{Operation: o, ContractID: "C01", PersonID: p.id, Reason: why}
}

func (w *world) remove() {
	p := w.somebody()
	if _, ok := w.submit(p, w.about(p, meibo.Remove, meibo.ReasonTransfer)); ok {
		w.ended(p)
	}
}

// ended: with the assignment end its rights.
func (w *world) ended(p *worker) {
	p.working, p.halted = false, false
	for _, r := range w.rights {
		if r.who == p {
			r.ended = true
		}
	}
	w.cut()
}

func (w *world) suspend() {
	p := w.somebody()
	if _, ok := w.submit(p, w.about(p, meibo.Suspend, meibo.ReasonLeave)); ok {
		p.halted = true
		w.cut()
	}
}

func (w *world) resume() {
	p := w.somebody()
	if done, ok := w.submit(p, w.about(p, meibo.Resume, meibo.ReasonLeave)); ok {
		w.waiting = append(w.waiting, waiting{change: done.Changes[0].ID, who: p, resume: true})
	}
}

// pledge signs, on paper, what is open of a person.
func (w *world) pledge() { w.sign(w.somebody()) }

func (w *world) sign(p *worker) {
	list, err := w.Ledger.Pledges(context.Background(), w.Submitter, "C01")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, pledge := range list {
		if pledge.PersonID != p.id || pledge.State != meibo.PledgeRequested {
			continue
		}
		paper := ledger.Paper{MediaType: "image/png", Bytes: demo.ScannedPaper(), SignedOn: w.Clock.Now().Day()}
		_, err1 := w.Ledger.RecordPledge(context.Background(), w.Submitter, w.Key(), pledge.ID, paper)
		_, err2 := w.Ledger.VerifyPledge(context.Background(), w.Approver, w.Key(), pledge.ID, "", "")
		if err1 != nil || err2 != nil {
			w.t.Fatal(err1, err2)
		}
		p.pledged = true
	}
}

// send tries what is due; the relay takes it, or does not.
func (w *world) send() {
	letters, err := w.Ledger.TakeNotices(context.Background(), "meibo.example", 100, meibo.WayMail)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range letters {
		taken := rapid.Bool().Draw(w.t, "taken")
		if err := w.Ledger.SettleNotice(context.Background(), l, meibo.Attempt{Taken: taken, Code: "250"}); err != nil {
			w.t.Fatal(err)
		}
		if taken && l.Notice.Kind == meibo.NoticeRoster {
			w.versions[l.Notice.Version-1].notified = true
		}
	}
}

func (w *world) bounce() {
	list, err := w.Ledger.Notices(context.Background(), w.Operator, "C01")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, n := range list {
		if n.Kind == meibo.NoticeRoster && n.State == meibo.NoticeNotified && rapid.IntRange(0, 3).Draw(w.t, "bounces") == 0 {
			if _, err := w.Ledger.Bounced(context.Background(), w.Operator, w.Key(), n.ID); err != nil {
				w.t.Fatal(err)
			}
			w.versions[n.Version-1].notified = false
		}
	}
}

// answer: the city acknowledges a version, returns it whole, or one line of it.
func (w *world) answer() {
	if len(w.versions) == 0 {
		return
	}
	version := rapid.IntRange(1, len(w.versions)).Draw(w.t, "version")
	v, err := w.Ledger.Roster(context.Background(), w.Receiver, "C01", version)
	if err != nil {
		w.t.Fatal(err)
	}
	switch rapid.IntRange(0, 2).Draw(w.t, "answer") {
	case 0:
		if _, err := w.Ledger.Acknowledge(context.Background(), w.Receiver, w.Key(), "C01", version, v.Roster.Hash); err == nil {
			w.versions[version-1].acknowledged = true
		}
	case 1:
		if _, err := w.Ledger.Return(context.Background(), w.Receiver, w.Key(), "C01", version, v.Roster.Hash, "", "確認のため"); err == nil {
			w.versions[version-1].returned = true
			w.sentBack(func(r *modelRight) bool { return r.from == version })
		}
	case 2:
		p := w.somebody()
		if p.id == "" {
			return
		}
		if _, err := w.Ledger.Return(context.Background(), w.Receiver, w.Key(), "C01", version, v.Roster.Hash, p.id, "確認のため"); err == nil {
			w.versions[version-1].notified = true // who answers has read it, whatever the mail did
			w.sentBack(func(r *modelRight) bool {
				return r.who == p && r.from > 0 && r.from <= version && (r.to == 0 || version < r.to)
			})
		}
	}
}

func (w *world) sentBack(which func(*modelRight) bool) {
	for _, r := range w.rights {
		if which(r) && !r.ended {
			r.returned = true
		}
	}
	w.cut()
}

// reconcile is what a reading of the directory came to.
func (w *world) reconcile(f ledger.Finding) {
	if _, err := w.Reconcile(f); err != nil {
		w.t.Fatal(err)
	}
	w.cut()
}

func (w *world) disable() {
	p := w.somebody()
	a := w.directory[p.login]
	if p.gone {
		return
	}
	a.State = rapid.SampledFrom([]meibo.AccountState{meibo.AccountEnabled, meibo.AccountDisabled, meibo.AccountUnknown}).Draw(w.t, "state")
	w.directory[p.login] = a
	w.reconcile(ledger.Finding{Changed: []meibo.Account{a}})
}

// leave: the entry is gone for good. Whoever comes under that login later is
// somebody else, with another entry.
func (w *world) leave() {
	p := w.somebody()
	if p.gone || p.id == "" || rapid.IntRange(0, 3).Draw(w.t, "leaves") > 0 {
		return
	}
	w.reconcile(ledger.Finding{Gone: []string{w.directory[p.login].Entry}})
	p.gone = true
	w.ended(p)
	w.waiting = slices.DeleteFunc(w.waiting, func(c waiting) bool { return c.who == p })
	delete(w.directory, p.login)
}

func (w *world) contract() {
	w.suspended = !w.suspended
	m, err := w.Ledger.Master(context.Background(), w.Operator)
	if err != nil {
		w.t.Fatal(err)
	}
	c := m.Contracts[0]
	c.State = meibo.ContractActive
	if w.suspended {
		c.State = meibo.ContractSuspended
	}
	w.Apply(meibo.Master{Contracts: []meibo.Contract{c}})
}

func (w *world) consent() {
	w.revoked = !w.revoked
	m, err := w.Ledger.Master(context.Background(), w.Operator)
	if err != nil {
		w.t.Fatal(err)
	}
	s := m.Subcontracts[0]
	s.RevokedAt = 0
	if w.revoked {
		s.RevokedAt = w.Clock.Now()
	}
	w.Apply(meibo.Master{Subcontracts: []meibo.Subcontract{s}})
}

func (w *world) time() {
	w.Clock.Set(w.Clock.Now().Add(rapid.SampledFrom([]time.Duration{
		time.Microsecond, time.Minute, time.Hour, 5 * time.Hour, 5 * time.Hour, 5 * time.Hour, 24 * time.Hour, 60 * 24 * time.Hour,
	}).Draw(w.t, "passes")))
}
