import Testing

@testable import VoxtileReport
