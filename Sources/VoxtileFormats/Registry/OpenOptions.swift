/// What is to be opened, where a path alone does not say it.
public struct OpenOptions: Hashable, Sendable {
  /// The number of the DICOM series that is meant, in a folder with several; `nil` where there is one only.
  public var seriesNumber: Int?

  /// Creates options.
  public init(seriesNumber: Int? = nil) {
    self.seriesNumber = seriesNumber
  }
}
