"""What runs inside the limited child: taking mail and HTML apart. Imports the standard library, quotequail, and of voc
only its own room and `voc.core.text`. Everything here is bounded: loops by counts, regular expressions by length."""
