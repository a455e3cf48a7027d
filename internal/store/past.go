package store

import (
	"database/sql"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// LastEntry is the number of the last entry that was recorded by an instant; -1
// when there was none.
func (r *Reader) LastEntry(at meibo.Instant) (int64, error) {
	var seq sql.NullInt64
	if err := r.scan(&seq, "SELECT MAX(seq) FROM entries WHERE at <= ?", at); err != nil {
		return -1, fmt.Errorf("read last entry: %w", err)
	}
	if !seq.Valid {
		return -1, nil
	}
	return seq.Int64, nil
}

// Past reads the rows of a table as they were after an entry, in the order of
// their keys. A row whose images were destroyed is not among them.
func Past[R any](r *Reader, seq int64) ([]R, error) {
	t := tableOf(reflect.TypeFor[R]())
	var images []struct {
		OfKey string
		Seq   int64
		Image string
	}
	err := r.list(&images, `SELECT i.of_key, i.seq, i.image FROM images i WHERE i.of_table = ? AND i.seq =
		(SELECT MAX(j.seq) FROM images j WHERE j.of_table = i.of_table AND j.of_key = i.of_key AND j.seq <= ?) ORDER BY i.of_key`, t.name, seq)
	if err != nil {
		return nil, fmt.Errorf("read %s as of entry %d: %w", t.name, seq, err)
	}
	rows := make([]R, len(images))
	for i, image := range images {
		text, err := r.openImage(rowName{t.name, image.OfKey}, image.Seq, image.Image)
		if err == nil {
			err = t.fromImage(reflect.ValueOf(&rows[i]).Elem(), text)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s as of entry %d: %w", t.name, seq, err)
		}
	}
	return rows, nil
}

// fromImage fills a row from its image. What the image leaves out is empty; of
// binary columns it holds only the hash, and they stay empty.
func (t *table) fromImage(row reflect.Value, image string) error {
	columns := map[string]any{}
	if err := json.Unmarshal([]byte(image), &columns); err != nil {
		return fmt.Errorf("read image: %w", err)
	}
	for i, c := range t.columns {
		v, there := columns[c]
		if !there {
			continue
		}
		if err := fill(row.Field(i), v); err != nil {
			return fmt.Errorf("read image of %s.%s: %w", t.name, c, err)
		}
	}
	return nil
}

// fill puts a value of canonical JSON into a field.
func fill(f reflect.Value, v any) error {
	if s, ok := f.Addr().Interface().(sql.Scanner); ok {
		return s.Scan(v)
	}
	switch v := v.(type) {
	case string:
		if f.Kind() == reflect.String {
			f.SetString(v)
		}
		return nil
	case float64:
		f.SetInt(int64(v))
		return nil
	case bool:
		f.SetBool(v)
		return nil
	}
	return fmt.Errorf("holds %T", v)
}
