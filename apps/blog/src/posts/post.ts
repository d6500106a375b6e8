export interface Post {
  id: string;
  title: string;
  body: string;
  createdAt: Date;
  updatedAt: Date;
}
