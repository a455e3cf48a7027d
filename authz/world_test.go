package authz_test

import (
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/authz"
)

// TestMain keeps the checks of properties short, unless the command line asks for more.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		flag.Set("rapid.checks", "200")
	}
	os.Exit(m.Run())
}

// words are what a text can be changed to: the names of other facts, states of all kinds, and what no name can be.
var words = []string{
	"P01", "E002", "E003", "SV01", "C01", "C02", "A01", "A09", "view", "export", "carry_out", "dispose", "update", "K1", "S1", "S2", "R1",
	"U.TAX.RES.ASSESS.INPUT", "U.TAX.RES.ASSESS", "U.TAX", "U", "Z.CURIOUS", "Z", "U.T", "K", "E.LIFE", "E",
	"U.TAX.RES.ASSESS.INPUT.NIGHT",
	"lgwan", "hq", "pc-1", "PM-01", "PM-02", "city", "usb", "R8-0123", "R8-01", "A9-9999", "受付第8号",
	"active", "suspended", "disposed", "locked", "enabled", "disabled", "departed", "valid", "pending", "requested", "granted",
	"notification", "acknowledgement", "correction", "approval", "incident", "legal", "shared", "batch", "interactive",
	"log_full", "max_rows", "encrypt", "mask",
	"", "-", "*", "!", "+2", "a$$b", "髙﨑", "a,b", strings.Repeat("x", 200),
}

// moments are what a time can be changed to.
var moments = []time.Time{
	{}, asOf.AddDate(-2, 0, 0), asOf.Add(-time.Hour), asOf.Add(-time.Microsecond), asOf, asOf.Add(time.Microsecond), asOf.Add(1500 * time.Nanosecond),
	asOf.Add(20 * time.Second), asOf.Add(20*time.Second + 700),
	asOf.AddDate(0, 0, 10), asOf.AddDate(2, 0, 0),
}

// durations are what a length of time can be changed to.
var durations = []time.Duration{
	0, -time.Second, 1, 300 * time.Nanosecond, time.Microsecond, 10 * time.Second, time.Hour, time.Hour + 20*time.Second, 10 * time.Hour,
	24 * time.Hour, 34*time.Hour + 30*time.Second, 90 * 24 * time.Hour,
}

// place is one field of a question or its facts.
type place struct {
	path  string
	value reflect.Value
}

// field returns the name of the field.
func (p place) field() string { return p.path[strings.LastIndex(p.path, ".")+1:] }

// places returns every field that can be changed, however deep.
func places(path string, v reflect.Value) []place {
	all := []place{{path, v}}
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Pointer && !v.IsNil():
		all = append(all, places(path, v.Elem())[1:]...)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			all = append(all, places(path+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Array:
		for i := range v.Len() {
			all = append(all, places(path+"[]", v.Index(i))...)
		}
	}
	return all
}

func placesOf(q *authz.Question, f *authz.Facts) []place {
	return slices.Concat(places("Question", reflect.ValueOf(q).Elem())[1:], places("Facts", reflect.ValueOf(f).Elem())[1:])
}

// change changes one field at random.
func change(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.SampledFrom(words).Draw(t, "word"))
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int:
		v.SetInt(int64(rapid.IntRange(-1, 6).Draw(t, "number")))
	case reflect.Int64:
		v.SetInt(int64(rapid.SampledFrom(durations).Draw(t, "duration")))
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		} else {
			v.SetZero()
		}
	case reflect.Slice:
		changeList(t, v)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(rapid.SampledFrom(moments).Draw(t, "moment")))
		}
	}
}

// changeList drops an element of a list, or doubles one: the copy is then changed in one place.
func changeList(t *rapid.T, v reflect.Value) {
	if v.Len() == 0 {
		v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
		change(t, v.Index(0))
		return
	}
	i := rapid.IntRange(0, v.Len()-1).Draw(t, "element")
	if rapid.Bool().Draw(t, "drop") {
		drop(v, i)
		return
	}
	v.Set(reflect.Append(v, v.Index(i)))
	within := places("", v.Index(v.Len()-1))
	change(t, within[rapid.IntRange(0, len(within)-1).Draw(t, "within")].value)
}

func drop(v reflect.Value, i int) {
	v.Set(reflect.AppendSlice(v.Slice3(0, i, i), v.Slice(i+1, v.Len())))
}

// bases are the questions from which worlds begin. All of them are allowed.
var bases = []func() (authz.Question, authz.Facts){
	allowed,
	func() (authz.Question, authz.Facts) { return subcontracted(allowed()) },
	func() (authz.Question, authz.Facts) { return subcontractedTwice(allowed()) },
	demanding,
	func() (authz.Question, authz.Facts) { return subcontractedTwice(demanding()) },
	func() (authz.Question, authz.Facts) {
		q, f := demanding()
		service(&q, &f)
		return q, f
	},
	func() (authz.Question, authz.Facts) {
		q, f := demanding()
		q.Context.OnBehalfOf, f.Principal, f.System.OnBehalf = "E003", principal("E003"), true
		return q, f
	},
	carrying,
	closing,
	emergency,
}

// demanding returns a question of which everything is asked that can be, with facts that allow it.
func demanding() (authz.Question, authz.Facts) {
	q, f := allowed()
	q.Context = authz.Context{
		Zone: "lgwan", Workplace: "hq", Device: "pc-1", Mode: authz.ModeInteractive, AuthLevel: 2, AuthTime: asOf.Add(-time.Minute),
		CaseRef: "R8-0123", Rows: 3, Nonce: "n-1", Asked: asOf.Add(-time.Second),
	}
	f.Parameters = authz.DefaultParameters()
	f.Parameters.Classes[0] = authz.Class{
		MaxAge: time.Minute, Staleness: 24 * time.Hour, Zones: authz.OnlyOf("lgwan"), AuthLevel: 2, AuthAge: time.Hour, CaseRef: true, Rows: 5,
		Permits: []string{"carry_out"},
	}
	f.Parameters.PledgeMonths = 12
	f.Parameters.Duties = []authz.Duty{{Importance: 1, Action: authz.All, Obligation: authz.Obligation{Name: authz.LogFull}}}
	f.Directory = &authz.Directory{Read: asOf.Add(-time.Hour)}
	f.System.Nonces = true
	f.System.Zones, f.System.Obligations = authz.OnlyOf("lgwan", "internet"), []authz.ObligationName{authz.LogFull, authz.MaxRows, authz.Mask}
	c := f.Contract
	c.TrainingRequired, c.ReviewDue, c.Rows = true, asOf.AddDate(0, 0, 10), 4
	c.Workplaces, c.Devices, c.Hours = authz.OnlyOf("hq", "site"), authz.OnlyOf("pc-1"), hours(8*time.Hour, 34*time.Hour, time.Wednesday, time.Thursday)
	c.Prohibited, c.Provisos = []string{"U.TAX.RES.COLLECT"}, []authz.Proviso{{Purpose: "U.TAX", CaseRef: true}}
	f.Asset.Members = []authz.Asset{{ID: "A08", Importance: 2, State: authz.AssetActive, Purposes: authz.OnlyOf("U", "N")}}
	f.Asset.Purposes, f.Asset.Provisos = authz.OnlyOf("U.TAX"), []authz.Proviso{{Purpose: "U", AuthLevel: 2, Zones: authz.OnlyOf("lgwan")}}
	f.Purpose.Actions, f.Purpose.CaseForms = authz.OnlyOf("view", "carry_out"), authz.OnlyOf("A9-9999")
	f.Person.Begins, f.Person.Leaves = jst("2026-04-01"), []authz.Term{days("2026-05-01", "2026-06-30")}
	f.Person.Organizations = authz.OnlyOf("K1", "S1", "S2")
	f.Assignment.Workplaces, f.Assignment.Devices = authz.OnlyOf("hq"), authz.OnlyOf("pc-1")
	f.Rights[0].Limits = &authz.Limits{
		Prohibited: []string{"U.TAX.RES.ASSESS.CALC"},
		Provisos:   []authz.Proviso{{Purpose: "U", Rows: 9, Obligations: []authz.Obligation{{Name: authz.Mask, Fields: []string{"salary"}}}}},
	}
	f.Rights[0].LastUse = asOf.AddDate(0, -1, 0)
	f.Trainings = []authz.Training{{Person: "E002", Contract: "C01", Term: authz.Term{From: jst("2026-04-01")}}}
	f.Loans = []authz.Loan{{Person: "E002", Due: jst("2026-10-10")}}
	f.Holds = []authz.Hold{
		{Kind: authz.HoldIncident, Person: "E004", From: jst("2026-10-01")}, {Kind: authz.HoldLegal, Asset: "A01"},
		{Kind: authz.HoldShared, Person: "E002", Until: jst("2026-10-01")},
	}
	return q, f
}

// world draws a question and its facts: one that is allowed, changed in up to six places.
func world(t *rapid.T) (authz.Question, authz.Facts) {
	q, f := rapid.SampledFrom(bases).Draw(t, "base")()
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		all := placesOf(&q, &f)
		change(t, all[rapid.IntRange(0, len(all)-1).Draw(t, "place")].value)
	}
	return q, f
}
