package rpc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	exact "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/meibo-dev/meibo/internal/rpc"
)

func TestOneObjectThatEverybodyReadsAlike(t *testing.T) {
	wide := func(n int) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf(`"n%d":%d`, i, i))
		}
		return "{" + strings.Join(names, ",") + "}"
	}
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "0" + strings.Repeat("}", n) }
	for _, c := range []struct{ name, text, want string }{
		{"an empty object", "{}", ""},
		{"blanks around", " \r\n\t{} \n", ""},
		{"the same name in different objects", `{"a":{"a":1},"b":[{"a":1},{"a":2}]}`, ""},
		{"a value that is a name elsewhere", `{"a":"b","b":"a"}`, ""},
		{"200 members", wide(200), ""},
		{"32 levels", deep(32), ""},
		{"50,000 parts", `{"a":[` + strings.Repeat("[],", 49_997) + `[]]}`, ""},
		{"letters beyond the first plane", `{"𠮷":"\ud842\udfb7"}`, ""},
		{"201 members", wide(201), "an object of the body has more than 200 members"},
		{"33 levels", deep(33), "the body is nested deeper than 32 levels"},
		{"50,001 parts", `{"a":[` + strings.Repeat("[],", 49_999) + `[]]}`, "the body has more than 50000 parts"},
		{"nothing", "", "the body is not a JSON object"},
		{"a list", "[]", "the body is not a JSON object"},
		{"a name twice", `{"a":1,"a":2}`, "the body is not valid JSON at byte"},
		{"a name twice in an inner object", `{"x":[{"a":1,"a":2}]}`, "the body is not valid JSON at byte"},
		{"a name in two cases", `{"name":1,"Name":2}`, "the body names a member twice at byte"},
		{"the Kelvin sign", `{"k":1,"\u212a":2}`, "the body names a member twice at byte"},
		{"a long s", `{"subject":1,"ſubject":2}`, "the body names a member twice at byte"},
		{"a final sigma", `{"σ":1,"ς":2}`, "the body names a member twice at byte"},
		{"NUL in a value", `{"a":"\u0000"}`, "the body holds NUL at byte"},
		{"NUL in a name", `{"a\u0000":1}`, "the body holds NUL at byte"},
		{"a second object", `{} {}`, "the body goes on after its object at byte"},
		{"garbage behind", `{}x`, "the body goes on after its object at byte"},
		{"half a surrogate", `{"a":"\udc00"}`, "the body is not valid JSON at byte"},
		{"invalid UTF-8", "{\"a\":\"\xC3\"}", "the body is not valid JSON at byte"},
		{"an end too early", `{"a":[1,2`, "the body is not valid JSON at byte"},
		{"NaN", `{"a":NaN}`, "the body is not valid JSON at byte"},
		{"a leading zero", `{"a":01}`, "the body is not valid JSON at byte"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := rpc.StrictObject([]byte(c.text))
			if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// FuzzStrictObject: what is let through means the same to two parsers, one of
// which does not care for case, and is let through again when it was written anew.
func FuzzStrictObject(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a":1,"A":2}`, `{"a":{"b":[1,{"c":null}]},"d":"\u0041"}`, `{"k":1,"\u212a":2}`, `{"a":1}{}`, `{"a":"\u0000"}`, `{"a":"\ud800"}`,
		`{"a":1e400}`, "{\"a\":\"\xff\"}", `{"a":1,}`, ` {"a" : true } `, "\uFEFF{}", `{"s":1,"ſ":2}`, `[{}]`, `{"":{"":{"":0}}}`, `{"a":-0,"b":0.1e-7}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := rpc.StrictObject(text); err != nil {
			return
		}
		if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
			t.Fatalf("%q is no object", text)
		}
		var usual map[string]any
		var strict map[string]jsontext.Value
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&usual); err != nil {
			t.Fatalf("encoding/json: %v", err)
		}
		if err := exact.Unmarshal(text, &strict); err != nil || len(strict) != len(usual) {
			t.Fatalf("%d members and %d, %v", len(usual), len(strict), err)
		}
		seen := map[string]bool{}
		for name := range usual {
			folded := strings.ToUpper(strings.ToLower(name))
			if seen[folded] {
				t.Fatalf("%q names %s twice", text, name)
			}
			seen[folded] = true
		}
		again, err := json.Marshal(usual)
		if err != nil || rpc.StrictObject(again) != nil {
			t.Fatalf("%q was let through, and %q is not: %v", text, again, rpc.StrictObject(again))
		}
	})
}
