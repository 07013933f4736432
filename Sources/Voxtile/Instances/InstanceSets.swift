/// The objects of patches that were found in several of them, in sets of those that are the same.
struct InstanceSets: Sendable {
  /// An object of a patch.
  struct Object: Hashable, Sendable {
    let patch: Int
    let label: Int
  }

  /// The most memory of an object, in bytes: dictionaries that grow, and its number in the whole image.
  static let bytesPerObject = 64

  private var sets = DisjointSets()
  /// For each patch, the numbers of its labels in the sets.
  private var numbers: [Int: [Int: UInt32]] = [:]

  /// The number of objects that are in a set with another one.
  var count: Int { sets.count }

  /// The number of sets.
  var setCount: Int { (0..<sets.count).count { sets.isRoot($0) } }

  /// The most memory that all of it takes.
  var byteCount: Int { count * Self.bytesPerObject }

  /// Says that two objects are the same.
  ///
  /// - Throws: ``VoxtileError/Code-swift.struct/unsupportedFormat`` where there are too many objects.
  mutating func join(_ a: Object, _ b: Object) throws(VoxtileError) {
    sets.join(try number(of: a), try number(of: b))
  }

  private mutating func number(of object: Object) throws(VoxtileError) -> UInt32 {
    if let number = numbers[object.patch]?[object.label] { return number }
    // One less than there are numbers, since 0 is background in the image.
    guard sets.count < Int(UInt32.max) - 1, let number = sets.insert() else { throw .tooManyInstances }
    numbers[object.patch, default: [:]][object.label] = number
    return number
  }

  /// For each patch, the number of the set of each of its labels, and 1 more: 0 is background.
  consuming func setNumbers() -> [Int: [Int: UInt32]] {
    var sets = sets
    return numbers.mapValues { labels in labels.mapValues { sets.root(of: $0) + 1 } }
  }
}

extension VoxtileError {
  static var tooManyInstances: VoxtileError {
    VoxtileError(
      .unsupportedFormat,
      "the patches have more than \(UInt32.max - 1) objects; give label maps in which each object has one number",
      context: .init(expected: "<= \(UInt32.max - 1)", found: "more"))
  }
}
