import Voxtile

/// What a folder of a Zarr store is.
enum ZarrNode: Sendable {
  case array(ZarrArrayMetadata)
  /// A folder of other nodes.
  case group(version: Int, attributes: JSONValue)

  /// The documents by which a folder is recognized.
  static let documents = ["zarr.json", ".zarray", ".zgroup"]
  /// The document with what a user says of a node of Zarr v2.
  static let version2Attributes = ".zattrs"

  /// Reads the documents of a folder.
  ///
  /// - Parameter isNamed: whether this is the folder that was asked for, so that its document has to be one of Zarr. Above it, a
  ///   file of that name may be anything.
  /// - Returns: `nil` where there are none.
  /// - Throws: `VoxtileError.Code.malformedFile` or `VoxtileError.Code.unsupportedFormat`, which names the document, where one is
  ///   damaged or says what is not read here.
  init?(_ folder: ZarrFolder, isNamed: Bool = true) throws(VoxtileError) {
    if let node = try Self.version3(folder, isNamed: isNamed) {
      self = node
    } else if let node = try Self.version2(folder) {
      self = node
    } else {
      return nil
    }
  }

  private static func version3(_ folder: ZarrFolder, isNamed: Bool) throws(VoxtileError) -> ZarrNode? {
    // Copies of the documents of all nodes, which may be many.
    let name = ZarrArrayMetadata.version3File
    guard let document = try folder.document(name, skipping: ["consolidated_metadata"]) else { return nil }
    if !isNamed, document["zarr_format"] == nil { return nil }
    do throws(VoxtileError) {
      if document["node_type"]?.string == "array" { return .array(try ZarrArrayMetadata(version3: document)) }
      var fields = try ZarrFields(document)
      _ = try fields.take("zarr_format", "3") { $0.integer == 3 ? 3 : nil }
      _ = try fields.take("node_type", "\"array\" or \"group\"") { $0.string == "group" ? true : nil }
      let attributes = fields.optional("attributes") ?? .object([])
      try fields.finish()
      return .group(version: 3, attributes: attributes)
    } catch {
      throw error.inFile(folder.file(name))
    }
  }

  private static func version2(_ folder: ZarrFolder) throws(VoxtileError) -> ZarrNode? {
    let arrayName = ZarrArrayMetadata.version2File
    if let document = try folder.document(arrayName) {
      let attributes = try folder.document(version2Attributes) ?? .object([])
      do throws(VoxtileError) {
        return .array(try ZarrArrayMetadata(version2: document, attributes: attributes))
      } catch {
        throw error.inFile(folder.file(arrayName))
      }
    }
    guard let document = try folder.document(".zgroup") else { return nil }
    do throws(VoxtileError) {
      var fields = try ZarrFields(document)
      _ = try fields.take("zarr_format", "2") { $0.integer == 2 ? 2 : nil }
    } catch {
      throw error.inFile(folder.file(".zgroup"))
    }
    return .group(version: 2, attributes: try folder.document(version2Attributes) ?? .object([]))
  }

  /// What is said of the node beside what Zarr needs.
  var attributes: JSONValue {
    switch self {
    case .array(let metadata): metadata.attributes
    case .group(_, let attributes): attributes
    }
  }
}
