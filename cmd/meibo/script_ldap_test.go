package main

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/meibo-dev/meibo/internal/demo"
)

// ldap disable|lock|enable|delete LOGIN, hide LOGIN …, show, stop changes the directory
// behind meibo. hide takes the right to read people away; show gives it back.
// move LOGIN COMPANY and unit LOGIN UNIT change where a person works; says LOGIN
// ATTRIBUTE VALUE what the entry says; group LOGIN … makes the group of city group,
// with another one in it that holds the last of them.
func cmdLDAP(ts *testscript.TestScript, neg bool, args []string) {
	c := storyOf(ts).house.city
	person := func() demo.Person { return personOf(ts, args[1]) }
	switch args[0] {
	case "disable":
		ts.Check(c.Directory.Modify(person().Disable()))
	case "lock": // as three bad passwords do
		ts.Check(c.Directory.Modify("dn: " + person().DN() + "\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: " +
			time.Now().UTC().Format("20060102150405Z") + "\n"))
	case "enable":
		ts.Check(c.Directory.Modify("dn: " + person().DN() + "\nchangetype: modify\ndelete: pwdAccountLockedTime\n"))
	case "delete":
		ts.Check(c.Directory.Modify(person().Delete()))
	case "move":
		ts.Check(c.Directory.Modify("dn: " + person().DN() + "\nchangetype: modrdn\nnewrdn: uid=" + args[1] +
			"\ndeleteoldrdn: 1\nnewsuperior: ou=people,o=" + args[2] + "," + c.Directory.Suffix + "\n"))
	case "unit":
		ts.Check(c.Directory.Modify(person().Move(args[2])))
	case "group":
		ts.Check(c.Directory.Modify(groupOf(ts, args[1:])))
	case "says":
		ts.Check(c.Directory.Modify("dn: " + person().DN() + "\nchangetype: modify\nreplace: " + args[2] + "\n" + args[2] + ": " + args[3] + "\n"))
	case "hide":
		ts.Check(c.Directory.Modify(configChange + "add: olcAccess\nolcAccess: {0}to dn.regex=\"^uid=(" + strings.Join(args[1:], "|") + "),\" by anonymous auth by * none\n"))
	case "show":
		ts.Check(c.Directory.Modify(configChange + "delete: olcAccess\nolcAccess: {0}\n"))
	case "stop":
		c.Directory.Stop()
	default:
		ts.Fatalf("ldap %s?", args[0])
	}
}

// configChange begins a change of who may read what.
const configChange = "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n"

func personOf(ts *testscript.TestScript, login string) demo.Person {
	for _, p := range demo.People {
		if p.Login() == login {
			return p
		}
	}
	ts.Fatalf("nobody has login %s", login)
	return demo.Person{}
}

// groupOf is the LDIF of the group, with the last of the people in a group within it.
func groupOf(ts *testscript.TestScript, logins []string) string {
	entry := func(dn, cn string, members ...string) string {
		return "dn: " + dn + "\nobjectClass: groupOfNames\ncn: " + cn + "\nmember: " + strings.Join(members, "\nmember: ") + "\n\n"
	}
	var names []string
	for _, login := range logins {
		names = append(names, personOf(ts, login).DN())
	}
	last := len(names) - 1
	_, folder, _ := strings.Cut(accessGroup, ",")
	within := "cn=within," + folder
	return "dn: " + folder + "\nobjectClass: organizationalUnit\nou: groups\n\n" + entry(within, "within", names[last]) +
		entry(accessGroup, "tax-input", append(names[:last], within)...)
}

// metric NAME VALUE waits until a metric has a value.
func cmdMetric(ts *testscript.TestScript, neg bool, args []string) {
	var text []byte
	for late := time.Now().Add(30 * time.Second); time.Now().Before(late); time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get("http://" + ts.Getenv("HTTP") + "/metrics")
		ts.Check(err)
		text, err = io.ReadAll(answer.Body)
		answer.Body.Close()
		ts.Check(err)
		if strings.Contains(string(text), "\n"+args[0]+" "+args[1]+"\n") {
			return
		}
	}
	name, _, _ := strings.Cut(args[0], "{")
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, name) {
			ts.Logf("%s", line)
		}
	}
	ts.Fatalf("%s is not %s", args[0], args[1])
}
