package directory

import (
	"strings"
)

// schema is what a server's subschema names, in lower case: by name and by object identifier.
type schema struct {
	attributes map[string]bool
	classes    map[string]bool
}

func newSchema(attributeTypes, objectClasses []string) schema {
	return schema{definedNames(attributeTypes), definedNames(objectClasses)}
}

func definedNames(definitions []string) map[string]bool {
	all := map[string]bool{}
	for _, definition := range definitions {
		for _, name := range definitionNames(definition) {
			all[strings.ToLower(name)] = true
		}
	}
	return all
}

// definitionNames are the object identifier and the names of a definition in the syntax of RFC 4512 4.1:
// ( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'a common NAME' SUP name ).
func definitionNames(definition string) []string {
	tokens := definitionTokens(definition)
	if len(tokens) < 2 || tokens[0] != "(" {
		return nil
	}
	names := []string{tokens[1]}
	for i := 2; i+1 < len(tokens); i++ {
		if !strings.EqualFold(tokens[i], "NAME") {
			continue
		}
		for _, token := range tokens[i+1:] {
			if name, quoted := strings.CutPrefix(token, "'"); quoted {
				names = append(names, name)
			} else if token != "(" {
				break
			}
			if tokens[i+1] != "(" {
				break
			}
		}
		break
	}
	return names
}

// definitionTokens splits a definition into parentheses, words, and quoted texts with their first quote.
func definitionTokens(text string) []string {
	var tokens []string
	for text = strings.TrimLeft(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		end := 1
		switch text[0] {
		case '(', ')':
		case '\'':
			end += strings.IndexByte(text[1:]+"'", '\'')
			tokens = append(tokens, text[:end])
			text = text[min(end+1, len(text)):]
			continue
		default:
			end = strings.IndexAny(text+" ", " ()'")
		}
		tokens = append(tokens, text[:end])
		text = text[end:]
	}
	return tokens
}

// check compares the configuration with the schema: a name that the server does not know is no error in a search, it
// just finds nobody.
func (s schema) check(c Config, found *problems) {
	spoken := filterNames(c.Filter)
	s.known("Filter", found, spoken.attributes...)
	for _, class := range spoken.classes {
		if !s.classes[strings.ToLower(class)] {
			found.add("Filter", "the server knows no object class %q", class)
		}
	}
	s.known("Login", found, c.Login)
	s.known("IDKind", found, string(c.IDKind))
	s.known("Attributes", found, c.Attributes...)
	s.known("Also", found, c.Also...)
	for name := range c.DepartedValues {
		s.known("DepartedValues", found, name)
	}
	tells := switches
	if c.IDKind == ObjectGUID {
		tells = []string{"useraccountcontrol", "msds-useraccountdisabled"}
	}
	for _, name := range tells {
		if s.attributes[name] {
			return
		}
	}
	if !c.marksDeparted() {
		found.add("Departed", "the server has no attribute that disables an account, and nothing marks departed people")
	}
}

func (s schema) known(field string, found *problems, names ...string) {
	for _, name := range names {
		if !s.attributes[strings.ToLower(baseName(name))] {
			found.add(field, "the server knows no attribute %q", name)
		}
	}
}
