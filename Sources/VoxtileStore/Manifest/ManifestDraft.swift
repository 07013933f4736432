import Voxtile

/// The fields of a manifest as read, before they are checked.
///
/// A field of an unexpected kind is left out and noted. So a manifest of a later version, in which a name may mean
/// something else, is still recognized.
struct ManifestDraft {
  struct Source {
    var name: String?
    var extent: [Int]?
    var channels: Int?
    var scalarType: String?
    var scaling: VolumeInfo.Scaling?
    var isLabelMap: Bool?
    var palette: [[Int]]?
    var affine: [[Double]]?
    var header: Header?
  }
  struct Header {
    var format: String?
    var bytes: [UInt8]?
  }
  struct Grid {
    var patch: [Int]?
    var overlap: [Int]?
    var edge: [String]?
    var padding: String?
    var order: String?
  }
  struct Values {
    var scalarType: String?
    var scaling: VolumeInfo.Scaling?
    var steps: [[ValueMap.Step]]?
  }
  struct Entry {
    var index: Int?
    var origin: [Int]?
    var extent: [Int]?
    var file: String?
    var checksum: String?
    var axes: [String]?
  }

  var version: Int?
  var requires: [String]?
  var source: Source?
  var grid: Grid?
  var fileExtension: String?
  var fileFormat: String?
  var fileSuffix: String?
  var values: Values?
  var entries: [Entry]?
  /// The first field that is not as it should be.
  var problem: VoxtileError?
  /// The same, among the fields that count only where `requires` names them.
  var problemOfVersion2: VoxtileError?
}
