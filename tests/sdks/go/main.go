// The Go SDK v2 as a driver of the scenario: one JSON request per line in, one JSON answer per line
// out. Operations and members are found by their names, which are those of the service model.
//
// It is built against the sources that Debian packages, which tell an operation or a member that
// they do not know yet as "unsupported".
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/chimesdkidentity"
	"github.com/aws/aws-sdk-go-v2/service/chimesdkmessaging"
	"github.com/aws/smithy-go"
)

const maxLineBytes = 1 << 24

type object = map[string]any

type unsupported struct{ what string }

func (u unsupported) Error() string { return u.what }

// decode sets target, a member of an SDK's input, to what the scenario says.
func decode(value any, target reflect.Value) error {
	if members, ok := value.(object); ok && target.Type() == reflect.TypeFor[*time.Time]() {
		moment := time.UnixMilli(int64(members["$date"].(float64)))
		target.Set(reflect.ValueOf(&moment))
		return nil
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return decode(value, target.Elem())
	case reflect.Struct:
		for name, member := range value.(object) {
			field := target.FieldByName(name)
			if !field.IsValid() {
				return unsupported{fmt.Sprintf("%s has no member %s", target.Type(), name)}
			}
			if err := decode(member, field); err != nil {
				return err
			}
		}
	case reflect.Slice:
		entries := value.([]any)
		target.Set(reflect.MakeSlice(target.Type(), len(entries), len(entries)))
		for index, entry := range entries {
			if err := decode(entry, target.Index(index)); err != nil {
				return err
			}
		}
	case reflect.Map:
		target.Set(reflect.MakeMap(target.Type()))
		for name, member := range value.(object) {
			entry := reflect.New(target.Type().Elem()).Elem()
			if err := decode(member, entry); err != nil {
				return err
			}
			target.SetMapIndex(reflect.ValueOf(name), entry)
		}
	default:
		source := reflect.ValueOf(value)
		if !source.IsValid() || (source.Kind() == reflect.String) != (target.Kind() == reflect.String) {
			return fmt.Errorf("%v is no %s", value, target.Type())
		}
		target.Set(source.Convert(target.Type()))
	}
	return nil
}

// encode is nil for what is absent.
func encode(value reflect.Value) any {
	if moment, ok := value.Interface().(time.Time); ok {
		return object{"$date": moment.UnixMilli()}
	}
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return nil
		}
		return encode(value.Elem())
	case reflect.Struct:
		members := object{}
		for index := range value.NumField() {
			field := value.Type().Field(index)
			if !field.IsExported() || field.Name == "ResultMetadata" {
				continue
			}
			if member := encode(value.Field(index)); member != nil {
				members[field.Name] = member
			}
		}
		return members
	case reflect.Slice:
		if value.IsNil() {
			return nil
		}
		entries := []any{}
		for index := range value.Len() {
			entries = append(entries, encode(value.Index(index)))
		}
		return entries
	case reflect.Map:
		if value.IsNil() {
			return nil
		}
		members := object{}
		for _, name := range value.MapKeys() {
			members[name.String()] = encode(value.MapIndex(name))
		}
		return members
	case reflect.String:
		// An enumeration that was absent; other texts are pointers.
		if value.Type().Name() != "string" && value.String() == "" {
			return nil
		}
		return value.String()
	default:
		return value.Interface()
	}
}

type request struct {
	Service, Operation string
	Input              object
}

func answer(clients map[string]any, line []byte) (reply object) {
	defer func() {
		if failure := recover(); failure != nil {
			reply = object{"failure": fmt.Sprint(failure)}
		}
	}()
	var wanted request
	if err := json.Unmarshal(line, &wanted); err != nil {
		return object{"failure": err.Error()}
	}
	method := reflect.ValueOf(clients[wanted.Service]).MethodByName(wanted.Operation)
	if !method.IsValid() {
		return object{"unsupported": "no operation " + wanted.Operation}
	}
	input := reflect.New(method.Type().In(1).Elem())
	if err := decode(wanted.Input, input.Elem()); err != nil {
		if errors.As(err, &unsupported{}) {
			return object{"unsupported": err.Error()}
		}
		return object{"failure": err.Error()}
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
	err, _ := results[1].Interface().(error)
	var refused smithy.APIError
	switch {
	case errors.As(err, &refused):
		name, class := refused.ErrorCode(), fmt.Sprintf("%T", refused)
		return object{"error": name, "class": class, "message": refused.ErrorMessage()}
	case err != nil:
		return object{"failure": err.Error()}
	}
	return object{"output": encode(results[0])}
}

func main() {
	endpoint, region := os.Getenv("AWS_ENDPOINT_URL"), os.Getenv("AWS_REGION")
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		}, nil
	})
	// An error is to be seen, not repaired by a retry.
	clients := map[string]any{
		"messaging": chimesdkmessaging.New(chimesdkmessaging.Options{
			Region: region, Credentials: credentials, Retryer: aws.NopRetryer{},
			EndpointResolver: chimesdkmessaging.EndpointResolverFromURL(endpoint),
		}),
		"identity": chimesdkidentity.New(chimesdkidentity.Options{
			Region: region, Credentials: credentials, Retryer: aws.NopRetryer{},
			EndpointResolver: chimesdkidentity.EndpointResolverFromURL(endpoint),
		}),
	}
	output := json.NewEncoder(os.Stdout)
	output.Encode(object{"sdk": "aws-sdk-go-v2 " + aws.SDKVersion})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxLineBytes)
	for lines.Scan() {
		output.Encode(answer(clients, lines.Bytes()))
	}
}
