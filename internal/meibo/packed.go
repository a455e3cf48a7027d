package meibo

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
)

// Packed is a value that is stored as JSON text in one column: what belongs to a
// row and is never asked for by itself. Its zero value is stored as empty text.
type Packed[T any] struct{ V T }

// Pack makes a Packed.
func Pack[T any](v T) Packed[T] { return Packed[T]{v} }

// IsZero reports whether there is nothing in it.
func (p Packed[T]) IsZero() bool {
	v := reflect.ValueOf(p.V)
	return v.IsZero() || (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0
}

// Value stores JSON text.
func (p Packed[T]) Value() (driver.Value, error) {
	if p.IsZero() {
		return "", nil
	}
	text, err := json.Marshal(p.V)
	return string(text), err
}

// Scan reads what Value stored.
func (p *Packed[T]) Scan(v any) error {
	text, err := scanText(v)
	if err != nil {
		return fmt.Errorf("scan packed value: %w", err)
	}
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), &p.V)
}

// String is the JSON text.
func (p Packed[T]) String() string {
	text, _ := p.Value()
	return text.(string)
}

// MarshalJSON writes the value itself, and null for what is empty.
func (p Packed[T]) MarshalJSON() ([]byte, error) {
	if p.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(p.V)
}

// UnmarshalJSON reads the value itself.
func (p *Packed[T]) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &p.V) }
