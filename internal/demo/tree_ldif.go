package demo

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// apply applies LDIF (RFC 2849): entries to be added, and changes.
func (t *tree) apply(ldif string) error {
	unfolded := strings.ReplaceAll(strings.ReplaceAll(ldif, "\r\n", "\n"), "\n ", "")
	for record := range strings.SplitSeq(unfolded, "\n\n") {
		var lines [][2]string
		for line := range strings.SplitSeq(record, "\n") {
			if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
				continue
			}
			name, value, err := ldifLine(line)
			if err != nil {
				return err
			}
			lines = append(lines, [2]string{name, value})
		}
		if len(lines) == 0 {
			continue
		}
		if err := t.applyRecord(lines); err != nil {
			return fmt.Errorf("modify directory: %w", err)
		}
	}
	return nil
}

func ldifLine(line string) (name, value string, err error) {
	if line == "-" {
		return "-", "", nil
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return "", "", errors.New("LDIF: a line without a colon")
	}
	if rest, encoded := strings.CutPrefix(value, ":"); encoded {
		octets, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
		return name, string(octets), err
	}
	return name, strings.TrimSpace(value), nil
}

func (t *tree) applyRecord(lines [][2]string) error {
	if lines[0][0] != "dn" {
		return errors.New("LDIF: a record without a dn")
	}
	dn, rest := lines[0][1], lines[1:]
	if len(rest) == 0 || rest[0][0] != "changetype" {
		return t.add(dn, rest)
	}
	what, rest := rest[0][1], rest[1:]
	switch what {
	case "add":
		return t.add(dn, rest)
	case "delete":
		return t.remove(dn)
	case "modrdn":
		fields := map[string]string{}
		for _, l := range rest {
			fields[l[0]] = l[1]
		}
		return t.rename(dn, fields["newrdn"], fields["newsuperior"])
	case "modify":
		return t.modify(dn, modificationsOf(rest))
	}
	return fmt.Errorf("LDIF: changetype %s", what)
}

// modificationsOf reads the parts of a change, each "kind: attribute", the values,
// and a hyphen.
func modificationsOf(lines [][2]string) []modification {
	var list []modification
	open := false
	for _, l := range lines {
		switch {
		case l[0] == "-":
			open = false
		case !open:
			list, open = append(list, modification{kind: l[0], description: l[1]}), true
		default:
			m := &list[len(list)-1]
			m.values = append(m.values, l[1])
		}
	}
	return list
}
