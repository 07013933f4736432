import Voxtile

/// The space in which the axes of an NRRD file lie.
struct NRRDSpace: Sendable {
  /// The number of coordinates, one of which may be time.
  var dimension: Int
  /// The signs that turn its first three coordinates into LPS.
  var signs: [Double]
  /// Whether it says which side is left.
  var isAnatomical: Bool

  /// The name under which a space is written.
  static let written = "left-posterior-superior"

  /// The space of a name, or `nil`.
  static func named(_ name: String) -> NRRDSpace? {
    let name = name.lowercased()
    let hasTime = name.hasSuffix("-time") || (name.count == 4 && name.hasSuffix("t"))
    let base = name.hasSuffix("-time") ? String(name.dropLast(5)) : hasTime ? String(name.dropLast()) : name
    let signs: [Double]
    switch base {
    case "right-anterior-superior", "ras": signs = [-1, -1, 1]
    case "left-anterior-superior", "las": signs = [1, -1, 1]
    case "left-posterior-superior", "lps": signs = [1, 1, 1]
    case "scanner-xyz", "3d-right-handed", "3d-left-handed":
      return NRRDSpace(dimension: hasTime ? 4 : 3, signs: [1, 1, 1], isAnatomical: false)
    default: return nil
    }
    return NRRDSpace(dimension: hasTime ? 4 : 3, signs: signs, isAnatomical: true)
  }
}

extension NRRDHeader {
  /// The space, or `nil` where the header has none.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where its name or its number of dimensions is not known.
  func space() throws(VoxtileError) -> NRRDSpace? {
    if let entry = field("space") {
      guard let space = NRRDSpace.named(entry.value) else {
        throw entry.error(expected: "a space of the standard, such as \(NRRDSpace.written)")
      }
      return space
    }
    guard let entry = field("space dimension") else { return nil }
    guard let dimension = Int(entry.value), (2...4).contains(dimension) else {
      throw entry.error(expected: "2 to 4")
    }
    return NRRDSpace(dimension: dimension, signs: [1, 1, 1], isAnatomical: false)
  }

  /// The number of coordinates of a vector.
  func spaceDimension() throws(VoxtileError) -> Int {
    if let space = try space() { return space.dimension }
    throw .textHeader(
      "NRRD", field: "space", line: nil, expected: "there, since there are space directions", found: "missing"
    )
  }
}
