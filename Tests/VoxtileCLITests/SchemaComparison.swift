import Foundation
import Testing
import VoxtileTestSupport

/// Reads a file that holds a JSON object.
func readObject(_ path: String) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(fileBytes(path))) as? [String: Any])
}

/// Expects that every object of a value has fields that a schema knows, and all that it requires.
///
/// - Parameter name: the file of the schema.
func expectFits(_ value: Any?, _ name: String) throws {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let schema = try readObject(root.appending(path: "Schema/\(name)").path)
  try compare(value, schema, try #require(schema["$defs"] as? [String: Any]))
}

private func compare(_ value: Any?, _ schema: Any?, _ definitions: [String: Any]) throws {
  var schema = try #require(schema as? [String: Any])
  if let name = (schema["$ref"] as? String)?.split(separator: "/").last {
    schema = try #require(definitions[String(name)] as? [String: Any])
  }
  if let object = value as? [String: Any], let each = schema["additionalProperties"] {
    for (_, inner) in object { try compare(inner, each, definitions) }
  } else if let object = value as? [String: Any] {
    let known = try #require(schema["properties"] as? [String: Any])
    let required = try #require(schema["required"] as? [String])
    #expect(Set(object.keys).isSubset(of: known.keys) && Set(required).isSubset(of: object.keys))
    for (key, inner) in object { try compare(inner, known[key], definitions) }
  } else if let values = value as? [Any], let items = schema["items"] {
    for value in values { try compare(value, items, definitions) }
  }
}
