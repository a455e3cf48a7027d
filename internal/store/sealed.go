package store

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// stored are a row's values as the database gets them: those that have to be, sealed
// for their place. Bytes are sealed under the row's own key, where it has one.
func (t *table) stored(c *codec, values []any) ([]any, error) {
	key, out := t.keyOf(values), slices.Clone(values)
	for _, i := range t.sealed {
		var err error
		switch v := values[i].(type) {
		case string:
			out[i], err = c.sealText(place{t.name, t.columns[i], key}, v)
		case []byte:
			gate := c
			if t.own >= 0 && i != t.own && len(v) > 0 {
				gate, err = under(values[t.own].([]byte))
			}
			if err == nil {
				out[i], err = gate.seal(place{t.name, t.columns[i], key}, v)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("write %s.%s: %w", t.name, t.columns[i], err)
		}
	}
	return out, nil
}

// open gives a row's sealed columns back as they were put in.
func (r *Reader) open(t *table, row reflect.Value) error {
	if r.nameless || len(t.sealed) == 0 {
		return nil
	}
	key := t.keyIn(row)
	for _, i := range t.sealed { // the row's own key stands before what it opens
		f, p, err := row.Field(i), place{t.name, t.columns[i], key}, error(nil)
		if f.Kind() == reflect.String {
			var plain string
			plain, err = r.codec.openText(p, f.String())
			f.SetString(plain)
		} else if sealed := f.Bytes(); len(sealed) > 0 {
			gate := r.codec
			if t.own >= 0 && i != t.own {
				gate, err = under(row.Field(t.own).Bytes())
			}
			var plain []byte
			if err == nil {
				plain, err = gate.open(p, sealed)
			}
			f.SetBytes(plain)
		}
		if err != nil {
			return fmt.Errorf("read %s.%s of %s: %w", t.name, t.columns[i], key, err)
		}
	}
	return nil
}

// keyIn is the key of a row as text.
func (t *table) keyIn(row reflect.Value) string {
	parts := make([]string, 0, len(t.key))
	for _, k := range t.key {
		parts = append(parts, fmt.Sprint(row.Field(slices.Index(t.columns, k)).Interface()))
	}
	return strings.Join(parts, "/")
}

// Nameless reads as this reader does, but leaves everything empty that is sealed:
// for whoever asks only what may be done, and not who people are.
func (r *Reader) Nameless() *Reader {
	n := *r
	n.nameless = true
	return &n
}

// selects reads rows of a table, as far as the reader reads them.
func (r *Reader) selects(t *table, where string) string {
	if !r.nameless {
		return t.selects(where)
	}
	columns := slices.Clone(t.columns)
	for _, i := range t.sealed {
		columns[i] = "'' AS " + t.columns[i]
		if t.row.Field(i).Type.Kind() == reflect.Slice {
			columns[i] = "NULL AS " + t.columns[i]
		}
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + t.name + " " + where
}

// secret reports whether the images of a table's rows are sealed: they say what its
// sealed columns say.
func (t *table) secret() bool {
	return slices.ContainsFunc(t.sealed, func(i int) bool { return t.row.Field(i).Type.Kind() == reflect.String })
}

// secretTables are by their names the tables whose images are sealed.
var secretTables = func() map[string]bool {
	secret := map[string]bool{}
	for _, t := range tables {
		secret[t.name] = t.secret()
	}
	return secret
}()

// imagePlace is where the image of a row stands.
func imagePlace(of rowName, seq int64) place {
	return place{"images", "image", fmt.Sprintf("%s/%s/%d", of.table, of.key, seq)}
}

// sealImage and openImage do so with the image of a row, where its table asks for it.
func (r *Reader) sealImage(of rowName, seq int64, text string) (string, error) {
	if !secretTables[of.table] {
		return text, nil
	}
	return r.codec.sealText(imagePlace(of, seq), text)
}

func (r *Reader) openImage(of rowName, seq int64, text string) (string, error) {
	if !secretTables[of.table] {
		return text, nil
	}
	plain, err := r.codec.openText(imagePlace(of, seq), text)
	if err != nil {
		return "", fmt.Errorf("read image of %s %s/%d: %w", of.table, of.key, seq, err)
	}
	return plain, nil
}
