import Voxtile

extension LabelTable {
  /// Reads the `labels` of a JSON document: `dataset.json` of nnU-Net, which has `{"liver": 1}` since its second version and
  /// `{"1": "liver"}` before, and the record beside a prediction, which has `[{"label": 1, "name": "liver"}]`. Regions of several
  /// labels have no number, and are left out.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where it is no JSON, or has no such labels.
  init(json bytes: [UInt8]) throws(VoxtileError) {
    let document = try JSONValue(bytes, of: "a JSON document with labels")
    var names: [Int: String] = [:]
    switch document["labels"] {
    case .object(let members):
      for member in members.sorted(by: { $0.key < $1.key }) {
        if let label = member.value.integer {
          names[label] = names[label] ?? member.key
        } else if let label = Int(member.key), let name = member.value.string {
          names[label] = name
        }
      }
    case .array(let values):
      for value in values {
        guard let label = value["label"]?.integer, let name = value["name"]?.string else { continue }
        names[label] = names[label] ?? name
      }
    default:
      throw VoxtileError(
        .malformedFile,
        "has no \"labels\" with names; give an object such as {\"labels\": {\"background\": 0, \"liver\": 1}}"
      )
    }
    self.init(names.mapValues { Entry(name: $0) })
  }
}
