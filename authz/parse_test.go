package authz_test

import (
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/meibo-dev/meibo/authz"
)

// mutation damages the rule in one place.
type mutation struct {
	name     string
	inModel  bool   // else in the checklist
	old, new string // the first occurrence is replaced
	want     string // what the error says
}

var mutations = []mutation{
	{name: "a condition dropped from m", inModel: true, old: " && r.pledge", want: "conjunction"},
	{name: "a condition named twice in m", inModel: true, old: "&& r.pledge", new: "&& r.asset", want: "conjunction"},
	{name: "an or in m", inModel: true, old: "r.request && r.system", new: "r.request || r.system", want: "conjunction"},
	{name: "a not in m", inModel: true, old: "&& r.permit", new: "&& !r.permit", want: "conjunction"},
	{name: "a constant in m", inModel: true, old: "&& r.emergency", new: "&& true", want: "conjunction"},
	{name: "an or in a matcher", inModel: true, old: `&& p3.state == "active"`, new: `|| p3.state == "active"`, want: "not in the language"},
	{name: "a not in a matcher", inModel: true, old: `p6.account == "enabled"`, new: `p6.account != "disabled"`, want: "not in the language"},
	{name: "a negated part", inModel: true, old: "g2(r2.contract, p12.contract)", new: "!g2(r2.contract, p12.contract)", want: "not in the language"},
	{name: "another effect", inModel: true, old: "e = some(where (p.eft == allow))", new: "e = !some(where (p.eft == deny))", want: "e is defined as"},
	{name: "a second effect", inModel: true, old: "e = some(where (p.eft == allow))",
		new: "e = some(where (p.eft == allow))\ne2 = some(where (p.eft == allow))", want: "e2 is not a section"},
	{name: "a comment within a continued matcher", inModel: true, old: " && r.chain",
		new: " && \\\n# the chain\nr.chain", want: "may misread"},
	{name: "a continued matcher", inModel: true, old: " && r.chain", new: " \\\n&& r.chain", want: "may misread"},
	{name: "a matcher broken over two lines", inModel: true, old: " && r.chain", new: "\n&& r.chain", want: "expected the definition of m2"},
	{name: "a comment at the end of m", inModel: true, old: " && r.chain", new: " # && r.chain", want: "may misread"},
	{name: "a semicolon at the end of a matcher", inModel: true, old: ` && p3.registration`, new: ` ; && p3.registration`, want: "may misread"},
	{name: "a hash within a word", inModel: true, old: `"enabled"`, new: `"en#abled"`, want: "may misread"},
	{name: "a key defined twice", inModel: true, old: "m11 = r2.contract", new: "m10 = r2.contract", want: "expected the definition of m11"},
	{name: "a gap in the numbering", inModel: true, old: "m11 = r2.contract", new: "m100 = r2.contract", want: "expected the definition of m11"},
	{name: "m defined again at the end", inModel: true, old: "m17 = ", new: "m = r.request\nm17 = ", want: "expected the definition of m17"},
	{name: "an unknown column of a section", inModel: true, old: "r2.at < p3.terminated", new: "r2.at < p3.cancelled", want: "no column cancelled"},
	{name: "an unknown column of the question", inModel: true, old: "r2.asset == p4.asset", new: "r2.thing == p4.asset", want: "the question has no thing"},
	{name: "an unknown section", inModel: true, old: "r2.asset == p10.asset", new: "r2.asset == p20.asset", want: "looks in two sections|has no column"},
	{name: "an unknown function", inModel: true, old: "g(r2.purpose, p2.purpose)", new: "isUnder(r2.purpose, p2.purpose)", want: "not in the language"},
	{name: "regexMatch", inModel: true, old: "r2.system == p2.system", new: "regexMatch(r2.system, p2.system)", want: "not in the language"},
	{name: "keyMatch", inModel: true, old: "r2.asset == p2.asset", new: "keyMatch(r2.asset, p2.asset)", want: "not in the language"},
	{name: "eval", inModel: true, old: "r2.system == p2.system", new: "eval(p2.system)", want: "not in the language"},
	{name: "two sections in one matcher", inModel: true, old: "r2.asset == p4.asset", new: "r2.asset == p10.asset", want: "two sections"},
	{name: "an empty matcher", inModel: true, old: "m14 = r2.contract == p4.contract && r2.asset == p4.asset", new: "m14 =", want: "empty"},
	{name: "a matcher that asks nothing of the question", inModel: true, old: `r2.asset == p10.asset && p10.importance`,
		new: `p10.importance`, want: "compares no word"},
	{name: "a matcher that only compares moments", inModel: true, old: "m43 = r2.contract == p13.contract && g(r2.purpose, p13.purpose)",
		new: "m43 = p3.from <= r2.at && r2.at < p3.until", want: "compares no word"},
	{name: "an outcome in r that is not in m", inModel: true, old: "context, emergency\n", new: "context, emergency, local\n", want: "conjunction"},
	{name: "an outcome named twice", inModel: true, old: "r = request, system,", new: "r = request, request,", want: "named twice"},
	{name: "an outcome that looks like a column", inModel: true, old: "r = request, system,", new: "r = request, p_system,", want: "no name"},
	{name: "columns in another order", inModel: true, old: "p4 = contract, asset", new: "p4 = asset, contract", want: "p4 is defined as"},
	{name: "a column more", inModel: true, old: "p10 = asset, importance, state", new: "p10 = asset, importance, state, eft", want: "p10 is defined as"},
	{name: "a section more", inModel: true, old: "justification, until", new: "justification, until\np26 = contract, purpose", want: "p26 is not a section"},
	{name: "a request more", inModel: true, old: "medium, at\n", new: "medium, at\nr3 = at\n", want: "r3 is not a section"},
	{name: "a domain in the purposes", inModel: true, old: "g = _, _", new: "g = _, _, _", want: "g is defined as"},
	{name: "a heading twice", inModel: true, old: "[matchers]", new: "[matchers]\n[matchers]", want: "expected the definition of m"},
	{name: "a heading in another order", inModel: true, old: "[policy_effect]", new: "[matchers]", want: "expected the definition of g3"},
	{name: "a heading unknown to casbin", inModel: true, old: "[policy_effect]", new: "[policy_effects]", want: "expected the definition of g3"},
	{name: "a matcher indented", inModel: true, old: "m5 = ", new: " m5 = ", want: "expected the definition of m5"},
	{name: "a bracket in a matcher", inModel: true, old: `"enabled"`, new: `"[enabled]"`, want: "may misread"},
	{name: "a date in a matcher", inModel: true, old: "p3.from <= r2.at", new: `p3.from <= "2026-04-01"`, want: "not in the language"},
	{name: "a line as long as casbin's buffer", inModel: true, old: "m5 = ", new: "m5 = " + strings.Repeat(" ", 4096), want: "longer than"},
	{name: "a comment as long as casbin's buffer", inModel: true, old: "# contracts", new: "#" + strings.Repeat(" ", 4096) + "m = r.request", want: "longer than"},
	{name: "a carriage return", inModel: true, old: "m5 = ", new: "m5 =\r", want: "may misread"},
	{name: "a letter that looks like another", inModel: true, old: "r2.asset == p4.asset", new: "r2.аsset == p4.asset", want: "may misread"},
	{name: "an end that is included", inModel: true, old: "r2.at < p3.until", new: "r2.at <= p3.until", want: "not in the language"},
	{name: "a beginning that is excluded", inModel: true, old: "p3.from <= r2.at", new: "p3.from < r2.at", want: "not in the language"},
	{name: "the checklist naming an unknown matcher", old: "m2, ", new: "m99, ", want: "there is no matcher"},
	{name: "the checklist without an outcome", old: "p, training,  trained,       m36|m37,  present, S0-2 S0-3\n", want: "does not stand in its place"},
	{name: "the checklist with a condition twice", old: "p, purpose,   agreed, ", new: "p, purpose, agreed, m43, present, S1-4\np, purpose,   agreed, ", want: "stands there twice"},
	{name: "the checklist with a part more", old: "p, asset, ", new: "p, local, local, m14, present, S0-2\np, asset, ", want: "no condition of a part of r"},
	{name: "an absent mark on a condition that wants presence", old: "m11,      present", new: "m11,      absent", want: "condition registered: held"},
	{name: "a present mark on the condition that wants absence", old: "absent,  S1-4", new: "present, S1-4", want: "condition permitted: held"},
	{name: "an unknown mark", old: "absent,  S1-4", new: "either, S1-4", want: "neither present nor absent"},
	{name: "the matcher of another condition", old: "entrusted,     m14", new: "entrusted,     m11", want: "must not rest on section p3"},
	{name: "an alternative that opens a condition", old: "scope,         m15|m17", new: "scope,         m15|m17|m16", want: "condition scope: held"},
	{name: "an alternative left out", old: "scope,         m15|m17", new: "scope,         m17", want: "condition scope: held"},
	{name: "one matcher where all are asked for", old: "m26&m27&m28&m29", new: "m26|m27|m28|m29", want: "condition principal: held"},
	{name: "a matcher left out where all are asked for", old: "m26&m27&m28&m29", new: "m26&m27&m29", want: "decides nothing"},
	{name: "an emergency that lifts a contract", old: "m12|m13", new: "m12|m13|m57", want: "must not rest on section p25"},
	{name: "an emergency that lifts a pledge", old: "m35, ", new: "m35|m57, ", want: "must not rest on section p25"},
	{name: "a permit that takes the place of a right", old: "m39, ", new: "m39|m49, ", want: "must not rest on section p22"},
	{name: "a condition without a name", old: "p, request,   caller,", new: "p, request,   ,", want: "is no name"},
	{name: "a condition under another name", old: "p, request,   caller,", new: "p, request,   called,", want: "there is no condition caller"},
	{name: "the conditions of a part apart", old: "p, hold,      evidence,      m10,      absent,  S1-11-2\n", want: "matcher m10 decides nothing"},
	{name: "a condition under another part", old: "p, hold,      evidence,", new: "p, request,      evidence,", want: "does not stand in its place"},
	{name: "a word compared with a moment", inModel: true, old: "r2.asset == p4.asset", new: "r2.asset == p3.from", want: "compares a word with a moment|two sections"},
	{name: "a moment compared with a word", inModel: true, old: "r2.at < p3.terminated", new: "r2.at < p3.state", want: "compares a word with a moment"},
	{name: "a condition without a clause", old: "present, S2-4-2", new: "present,", want: "no clause"},
	{name: "a clause that is none", old: "present, S2-4-2", new: "present, S9-4-2", want: "is no clause"},
	{name: "a row that is not of the checklist", old: "p, request, ", new: "p2, request, ", want: "no condition of a part of r"},
	{name: "a row with a column more", old: "S2-4-2", new: "S2-4-2, S2-4-3", want: "wrong number of fields"},
}

func TestParseRefusesADamagedRule(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			model, checklist := read(t, "model.conf"), read(t, "checklist.csv")
			file := &checklist
			if m.inModel {
				file = &model
			}
			if !strings.Contains(*file, m.old) {
				t.Fatalf("%q does not stand in the file", m.old)
			}
			*file = strings.Replace(*file, m.old, m.new, 1)
			checkRefused(t, model, checklist, m.want)
		})
	}
}

func checkRefused(t *testing.T, model, checklist, want string) {
	t.Helper()
	policy, err := authz.Parse([]byte(model), []byte(checklist))
	if err == nil || policy != nil {
		t.Fatal("the rule was accepted")
	}
	if !regexp.MustCompile(want).MatchString(err.Error()) {
		t.Errorf("got error %q, want one with %q", err, want)
	}
}

// TestParseNoticesEveryPartOfEveryMatcher drops each part of each matcher in turn, and replaces each column by every
// other of its section, and each word of the question by every other. All of these are within the language; that the
// rule says less or something else shows in the exemplary questions only.
func TestParseNoticesEveryPartOfEveryMatcher(t *testing.T) {
	model, checklist := read(t, "model.conf"), read(t, "checklist.csv")
	columns := map[string][]string{}
	for _, d := range regexp.MustCompile(`(?m)^(r2|p[0-9]+) = (.*)$`).FindAllStringSubmatch(model, -1) {
		columns[d[1]] = strings.Split(d[2], ", ")
	}
	damaged := make(chan [2]string)
	var tried atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for d := range damaged {
				tried.Add(1)
				if _, err := authz.Parse([]byte(d[0]), []byte(checklist)); err == nil {
					t.Errorf("accepted %s", d[1])
				}
			}
		})
	}
	for _, line := range regexp.MustCompile(`(?m)^m[0-9]+ = .*$`).FindAllString(model, -1) {
		key, matcher, _ := strings.Cut(line, " = ")
		for _, other := range altered(strings.Split(matcher, " && "), columns) {
			damaged <- [2]string{strings.Replace(model, line+"\n", key+" = "+other+"\n", 1), key + " = " + other}
		}
	}
	close(damaged)
	wait.Wait()
	t.Logf("%d damaged rules refused", tried.Load())
}

// altered returns the matcher without each of its parts in turn, and with each column replaced by each other.
func altered(parts []string, columns map[string][]string) []string {
	var all []string
	for i, part := range parts {
		if len(parts) > 1 {
			all = append(all, strings.Join(slices.Delete(slices.Clone(parts), i, i+1), " && "))
		}
		for _, changed := range exchanged(part, columns) {
			other := slices.Clone(parts)
			other[i] = changed
			all = append(all, strings.Join(other, " && "))
		}
	}
	return all
}

// exchanged returns the part with each of its columns replaced by every other of the same section.
func exchanged(part string, columns map[string][]string) []string {
	var all []string
	for _, use := range regexp.MustCompile(`(r2|p[0-9]+)\.([a-z]+)`).FindAllStringSubmatch(part, -1) {
		for _, other := range columns[use[1]] {
			if other != use[2] {
				all = append(all, strings.Replace(part, use[0], use[1]+"."+other, 1))
			}
		}
	}
	return all
}

// stricter returns the rule with one more condition.
func stricter(t *testing.T, matcher, mark string) (model, checklist string) {
	t.Helper()
	model = strings.NewReplacer("context, emergency\n", "context, emergency, local\n", "&& r.emergency\n", "&& r.emergency && r.local\n").
		Replace(read(t, "model.conf"))
	return model + "m58 = " + matcher + "\n", read(t, "checklist.csv") + "p, local, local, m58, " + mark + ", S0-4\n"
}

func TestParseRefusesAModelAndAChecklistOfDifferentRules(t *testing.T) {
	model, checklist := stricter(t, "r2.employer == p3.prime", "present")
	checkRefused(t, model, read(t, "checklist.csv"), "part local has no condition")
	checkRefused(t, read(t, "model.conf"), checklist, "line 45: this is no condition of a part of r")
	checkRefused(t, read(t, "model.conf")+"m58 = r2.employer == p3.prime\n", read(t, "checklist.csv"), "matcher m58 decides nothing")
}

func TestParseRefusesFilesThatAreNoModel(t *testing.T) {
	model, checklist := read(t, "model.conf"), read(t, "checklist.csv")
	checkRefused(t, "", checklist, "nothing is defined under .matchers.")
	checkRefused(t, model[:strings.Index(model, "[matchers]")], checklist, "nothing is defined under .matchers.")
	checkRefused(t, "[request_definition]\n[policy_definition]\n", checklist, "nothing is defined under .request_definition.")
	checkRefused(t, "r = request\n"+model, checklist, "stands before the heading")
	checkRefused(t, model+"\n# \xff\n", checklist, "not UTF-8")
	checkRefused(t, "\ufeff"+model, checklist, "stands before the heading")
	checkRefused(t, model, "", "part request has no condition")
	checkRefused(t, model, checklist+"p, \"", "parse error|extraneous|wrong number")
}

func TestParseRefusesARuleThatDropsAConditionEverywhere(t *testing.T) {
	model := strings.NewReplacer(", emergency\n", "\n", " && r.emergency\n", "\n", `m56 = r2.purpose == p11.purpose && p11.nature == "ordinary"`+"\n", "", "m57 = ", "m56 = ").
		Replace(read(t, "model.conf"))
	checklist := strings.NewReplacer("p, emergency, emergency,     m56|m57,  present, S2-6-2 S2-6-3\n", "", "m57", "m56").Replace(read(t, "checklist.csv"))
	checkRefused(t, model, checklist, "there is no condition emergency")
}

func TestParseRefusesAConditionThatCanNeverHold(t *testing.T) {
	model, checklist := stricter(t, "r2.system == p3.prime", "present")
	checkRefused(t, model, checklist, "an added condition denies what must be possible")
}

func TestAStricterRuleMayAddConditions(t *testing.T) {
	model, checklist := stricter(t, "g2(r2.contract, p12.contract) && r2.action == p12.purpose", "absent")
	policy, err := authz.Parse([]byte(model), []byte(checklist))
	if err != nil {
		t.Fatal(err)
	}
	if embedded := load(t); policy.Sum == embedded.Sum || len(policy.Sum) != 64 {
		t.Errorf("got sum %s, want one of its own", policy.Sum)
	}
	q, f := allowed()
	if d := decide(t, policy, q, f); !d.Allowed || len(d.Conditions) != 43 {
		t.Errorf("got %+v, want an allowed decision with 43 conditions", d)
	}
	f.Prohibited = append(f.Prohibited, q.Action)
	checkDenied(t, decide(t, policy, q, f), codes{authz.CodeDefaultDeny})
}

func FuzzParse(f *testing.F) {
	model, checklist := read(f, "model.conf"), read(f, "checklist.csv")
	f.Add(model, checklist)
	for _, m := range mutations {
		if m.inModel {
			f.Add(strings.Replace(model, m.old, m.new, 1), checklist)
		} else {
			f.Add(model, strings.Replace(checklist, m.old, m.new, 1))
		}
	}
	f.Fuzz(func(t *testing.T, model, checklist string) {
		policy, err := authz.Parse([]byte(model), []byte(checklist))
		if err != nil {
			return
		}
		for _, group := range [][]denial{requestAndContract, person, notification, pledge, assetRightAndPurpose} {
			for _, c := range group {
				q, facts := allowed()
				c.spoil(&q, &facts)
				if d, _ := policy.Decide(q, facts); d.Allowed {
					t.Errorf("accepted a rule that allows although %s:\n%s", c.name, model)
				}
			}
		}
	})
}
