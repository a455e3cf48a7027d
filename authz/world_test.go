package authz_test

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/authz"
)

// words are what a text can be changed to: the names of other facts, states of all kinds, and what no name can be.
var words = []string{
	"P01", "E002", "E003", "C01", "C02", "A01", "A09", "view", "export", "K1", "S1", "S2", "R1",
	"U.TAX.RES.ASSESS.INPUT", "U.TAX.RES.ASSESS", "U.TAX", "U", "Z.CURIOUS", "Z", "U.T", "K",
	"active", "suspended", "disposed", "locked", "enabled", "disabled", "departed", "valid", "pending", "requested",
	"notification", "acknowledgement", "correction", "approval",
	"", "-", "*", "!", "a$$b", "髙﨑", "a,b", strings.Repeat("x", 200),
}

// moments are what a time can be changed to.
var moments = []time.Time{
	{}, asOf.AddDate(-2, 0, 0), asOf.Add(-time.Microsecond), asOf, asOf.Add(time.Microsecond), asOf.Add(1500 * time.Nanosecond),
	asOf.Add(20 * time.Second), asOf.Add(20*time.Second + 700),
	asOf.AddDate(0, 0, 10), asOf.AddDate(2, 0, 0),
}

// place is one field of a question or its facts.
type place struct {
	path  string
	value reflect.Value
}

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
	case v.Kind() == reflect.Slice:
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
		v.SetInt(int64(rapid.IntRange(-1, 5).Draw(t, "number")))
	case reflect.Pointer:
		v.SetZero()
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

// world draws a question and its facts: one of three that are allowed, changed in up to six places.
func world(t *rapid.T) (authz.Question, authz.Facts) {
	q, f := allowed()
	switch rapid.IntRange(0, 2).Draw(t, "hops") {
	case 1:
		q, f = subcontracted(q, f)
	case 2:
		q, f = subcontractedTwice(q, f)
	}
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		all := placesOf(&q, &f)
		change(t, all[rapid.IntRange(0, len(all)-1).Draw(t, "place")].value)
	}
	return q, f
}
