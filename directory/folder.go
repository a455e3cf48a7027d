package directory

import (
	"slices"
	"strings"
)

// folders are the classes of entries that stand above people. Of what happens to one, nothing is told of the people
// below it, although they have another name then, or are in no subtree any more.
var folders = []string{
	"organizationalunit", "organization", "domain", "domaindns", "container", "nscontainer", "locality", "country",
}

// withFolders is the filter of people and of what stands above them.
func (v view) withFolders() string {
	var b strings.Builder
	for _, class := range v.folders {
		b.WriteString(equals("objectClass", class))
	}
	return "(|" + v.Filter + b.String() + ")"
}

// folder tells whether an entry stands above people and is none.
func (v view) folder(o Object) bool {
	return slices.ContainsFunc(o.Attr["objectclass"], func(class string) bool {
		return slices.Contains(v.folders, strings.ToLower(class))
	})
}
