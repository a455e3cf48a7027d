package store

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A WrittenRow is a row that an entry of the log wrote: its table, its key, and
// the person and the contract that its columns name.
type WrittenRow struct {
	Table, Key string
	Person     meibo.PersonID
	Contract   meibo.ContractID
}

// Written lists the rows that the entries from one number up to another, which is
// not included, wrote. whole is false where images of theirs were destroyed: then
// nobody can say whom the rows concern.
func (r *Reader) Written(from, until int64) (rows []WrittenRow, whole bool, err error) {
	records, err := r.Entries(from, int(until-from))
	if err != nil {
		return nil, false, err
	}
	answered := 0
	for _, record := range records {
		var e meibo.Entry
		if err := json.Unmarshal([]byte(record), &e); err != nil {
			return nil, false, fmt.Errorf("read entries: %w", err)
		}
		answered += len(e.Rows)
	}
	var images []struct {
		OfTable, OfKey string
		Seq            int64
		Image          string
	}
	err = r.list(&images, "SELECT of_table, of_key, seq, image FROM images WHERE seq >= ? AND seq < ? ORDER BY seq, of_table, of_key", from, until)
	if err != nil {
		return nil, false, fmt.Errorf("read images: %w", err)
	}
	for _, i := range images {
		var named struct {
			Person   meibo.PersonID   `json:"person_id"`
			Contract meibo.ContractID `json:"contract_id"`
		}
		text, err := r.openImage(rowName{i.OfTable, i.OfKey}, i.Seq, i.Image)
		if err != nil {
			return nil, false, err
		}
		if err := json.Unmarshal([]byte(text), &named); err != nil {
			return nil, false, fmt.Errorf("read image: %w", err)
		}
		rows = append(rows, WrittenRow{i.OfTable, i.OfKey, named.Person, named.Contract})
	}
	return rows, len(images) == answered && int64(len(records)) == until-from, nil
}

// Work is a person's work under a contract.
type Work struct {
	PersonID   meibo.PersonID
	ContractID meibo.ContractID
}

// WorkOf is on which contracts people work or have worked.
func (r *Reader) WorkOf(people []meibo.PersonID) ([]Work, error) {
	var list []Work
	for part := range slices.Chunk(people, 1000) {
		var some []Work
		query, args, err := r.in("SELECT DISTINCT person_id, contract_id FROM assignments WHERE person_id IN (?)", part)
		if err == nil {
			err = r.list(&some, query, args...)
		}
		if err != nil {
			return nil, fmt.Errorf("read on what people work: %w", err)
		}
		list = append(list, some...)
	}
	return list, nil
}
