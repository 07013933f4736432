/// What went wrong, in words a person can act on.
///
/// Every function of the package that fails on data, files, models or options throws this type (or
/// `CancellationError`). It says what is wrong, both values, and what to do. A contract
/// broken in code is a precondition instead.
public struct VoxtileError: Error, Sendable {
  /// The kind of failure, to switch on.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The stable name of the code.
    public let rawValue: String
    /// Creates a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Patch, overlap and image do not make a grid.
    public static let invalidGrid = Code(rawValue: "invalidGrid")
    /// A patch, slab or array has another shape than asked for.
    public static let shapeMismatch = Code(rawValue: "shapeMismatch")
    /// Voxels have another scalar type than asked for.
    public static let typeMismatch = Code(rawValue: "typeMismatch")
    /// A patch was added twice.
    public static let duplicatePatch = Code(rawValue: "duplicatePatch")
    /// A patch was never added, or its file is not there.
    public static let missingPatch = Code(rawValue: "missingPatch")
    /// The merger has been finished already, or has failed before.
    public static let mergerFinished = Code(rawValue: "mergerFinished")
    /// An option has a value outside its range.
    public static let invalidOption = Code(rawValue: "invalidOption")
    /// A job does not fit the memory it was allowed.
    public static let memoryTooLow = Code(rawValue: "memoryTooLow")
    /// A file cannot be opened, read, written or renamed.
    public static let fileAccess = Code(rawValue: "fileAccess")
    /// The target exists and may not be replaced.
    public static let targetExists = Code(rawValue: "targetExists")
    /// A file does not hold what its format says.
    public static let malformedFile = Code(rawValue: "malformedFile")
    /// A file is of a format, or uses a part of one, that is not supported.
    public static let unsupportedFormat = Code(rawValue: "unsupportedFormat")
    /// Content differs from its checksum or from the image it was cut from.
    public static let verificationFailed = Code(rawValue: "verificationFailed")
    /// The library that runs networks is not found, is too old, or is something else.
    public static let runtimeNotFound = Code(rawValue: "runtimeNotFound")
    /// A model cannot be loaded, or takes or gives something other than patches.
    public static let modelNotUsable = Code(rawValue: "modelNotUsable")
    /// A model does not predict a batch, or gives something other than it declares.
    public static let predictionFailed = Code(rawValue: "predictionFailed")
  }

  /// Where the failure was found, for programs; the message says the same for people.
  public struct Context: Hashable, Sendable {
    /// The path of the file, as it was given.
    public var file: String?
    /// The offset in the (uncompressed) file, in bytes.
    public var byteOffset: Int?
    /// The axis concerned.
    public var axis: Axis?
    /// The value that was expected.
    public var expected: String?
    /// The value that was found.
    public var found: String?
    /// The least memory that would do, in bytes.
    public var neededBytes: Int?

    /// Creates a context; leave out what does not apply.
    public init(
      file: String? = nil, byteOffset: Int? = nil, axis: Axis? = nil, expected: String? = nil,
      found: String? = nil, neededBytes: Int? = nil
    ) {
      self.file = file
      self.byteOffset = byteOffset
      self.axis = axis
      self.expected = expected
      self.found = found
      self.neededBytes = neededBytes
    }
  }

  /// The kind of failure.
  public var code: Code
  /// What is wrong, and both values; one sentence without the file name. It ends with what to do unless ``remedy``
  /// says that.
  public var message: String
  /// What to do, where each kind of caller has words of its own for that.
  public var remedy: Remedy?
  /// Where it was found.
  public var context: Context
  /// The error beneath, where another library reported one.
  public var underlying: (any Error)?

  /// Creates an error.
  public init(
    _ code: Code, _ message: String, remedy: Remedy? = nil, context: Context = Context(),
    underlying: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.remedy = remedy
    self.context = context
    self.underlying = underlying
  }

  /// The same error, with the file it concerns; a file named before is kept.
  public func inFile(_ path: String) -> VoxtileError {
    var error = self
    error.context.file = error.context.file ?? path
    return error
  }
}

extension VoxtileError: CustomStringConvertible {
  /// The message after the file it concerns, with what to do in the terms of the library.
  public var description: String { description { $0.description } }

  /// The message after the file it concerns, with what to do in the words of a caller; control characters are escaped.
  package func description(wording: (Remedy) -> String) -> String {
    let lead = context.file.map { "\($0): " } ?? ""
    let remedy = remedy.map { "; " + wording($0) } ?? ""
    let cause = underlying.map { " (\($0))" } ?? ""
    return lead.printable + message.printable + remedy + cause.printable
  }
}
