"""What is taught: the shape of a curriculum, how one is read and checked, and how it is paced over weeks."""
